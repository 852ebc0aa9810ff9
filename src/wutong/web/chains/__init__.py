"""Industry chains (产业链): the map of segments (环节) by verdict (建链 延链 强链 补链), a segment, ranked target firms (目标企业)."""
