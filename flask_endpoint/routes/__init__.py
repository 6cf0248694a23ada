"""What can be asked over HTTP: one module per subject, each with its `blueprint`."""
