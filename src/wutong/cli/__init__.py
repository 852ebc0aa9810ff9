"""The `wutong` command: parse, ask the engine or a room, print. No logic of its own; every answer is there as JSON too (`--json`)."""
