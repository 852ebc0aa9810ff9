"""Every write about firms: take one on, note what the office knows, import lists that give tags, let two firms be one."""
