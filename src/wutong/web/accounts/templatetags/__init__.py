"""How templates of every room show what a person keeps."""
