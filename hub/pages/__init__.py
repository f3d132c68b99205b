"""The staff's pages: made on the server, in Chinese, for a telephone as for the office's computer."""
