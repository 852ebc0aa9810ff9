"""Leads (线索): whom we chase. First the target lists (目标企业清单): firms on a list, shared out, knocked at (对接), the outcome."""
