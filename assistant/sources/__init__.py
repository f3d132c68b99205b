"""Programmes that come over the network: radio stations and podcasts from a list that the installer writes."""
