"""Rules as data (规则库): dated, sourced YAML and what evaluates it. Pure: no Django, no clock, no database."""
