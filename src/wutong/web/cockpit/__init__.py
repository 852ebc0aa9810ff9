"""Pages across rooms (驾驶舱): so far the one search (搜索) over everything that rooms offer by their hook SEARCH. It has no models."""
