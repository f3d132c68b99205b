"""The appliance: settings, dialogue, loop, storage and the command line."""
