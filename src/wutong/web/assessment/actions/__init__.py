"""Every write of assessment: schemes and their rules, figures, runs, objections, and what is told across units."""
