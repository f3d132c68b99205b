"""Forecast providers behind the ``WeatherSource`` port, the gazetteer they share, and the cache's plain form."""
