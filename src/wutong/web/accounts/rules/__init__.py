"""Who may do what, over what: roles and permissions, people, units and log-ins, decided without a database."""
