"""Projects (招商项目): a lead from talks to full capacity (在谈至达产): gates, promises, money in place (到位资金), three rates (三率)."""
