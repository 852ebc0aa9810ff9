"""Projects (项目): stages and gates from talks to full capacity, agreements and promises, money in place (到位资金), three rates (三率)."""
