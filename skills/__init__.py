"""One folder a skill: sentences.yaml, replies.yaml, cases.yaml and skill.py. Adding a folder touches nothing else."""
