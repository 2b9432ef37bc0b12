namespace Http.Server.Tests.Support;

/// <summary>For tests of what the whole process shares and other tests would change meanwhile: they run by themselves.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public static class Alone;
