"""Pure analytics (分析引擎): build a registry into a warehouse, and answer questions from it. No Django, no clock, no globals."""
