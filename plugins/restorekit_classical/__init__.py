"""Deblurring without learning: methods that find the kernel, and methods with a known kernel."""

from restorekit import Register, hookimpl


@hookimpl
def register_restorers(register: Register) -> None:
    """Register the methods."""
    register("cho_lee2009", "restorekit_classical.cho_lee2009:ChoLee2009")
    register("krishnan2011", "restorekit_classical.krishnan2011:Krishnan2011")
    register("pan2014", "restorekit_classical.pan2014:Pan2014")
    register("shan2008", "restorekit_classical.shan2008:Shan2008")
    register("xu2013", "restorekit_classical.xu2013:Xu2013")
    register("zhong2013", "restorekit_classical.zhong2013:Zhong2013")
    register("hyper_laplacian", "restorekit_classical.hyper_laplacian:HyperLaplacian")
    register("non_local_means", "restorekit_classical.non_local_means:NonLocalMeans")
    register("richardson_lucy", "restorekit_classical.richardson_lucy:RichardsonLucy")
    register("tv", "restorekit_classical.tv:TotalVariation")
    register("wiener", "restorekit_classical.wiener:Wiener")
