from functools import lru_cache
@lru_cache
def _n():
    import wetext; return wetext.Normalizer(lang="zh",operator="tn")
def spoken_text(t): return _n().normalize(t)
