"""The `livercnn demo` command: segment one scan and show what came out."""
