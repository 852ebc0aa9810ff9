"""What every room stands on and none owns: access, hooks, htmx, lists, spreadsheets, money, warehouse. No models, no business words."""
