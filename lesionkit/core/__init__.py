"""The nouns: what lesionkit speaks of. They know nothing of files, screens or one another's verbs."""
