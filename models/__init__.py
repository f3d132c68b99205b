"""Speech models: the catalogue, fetching, verification, the voice patch and the recogniser's lexicon."""
