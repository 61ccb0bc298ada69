"""The page of ``restorekit deblur --web``: photos restored in a browser, by this machine alone."""
