"""eval: a test set becomes figures, diagnosis and plots; calls search as a user would."""
