namespace Http.Server.Benchmarks.Load;

/// <summary>A program that asks a server as fast as it can.</summary>
internal interface ILoadDriver
{
    /// <summary>The program.</summary>
    string Program { get; }

    /// <summary>The Debian package that has it.</summary>
    string Package { get; }

    /// <summary>What its figures are in.</summary>
    string Unit { get; }

    /// <summary>Drives a server once.</summary>
    /// <param name="url">What to ask for.</param>
    /// <param name="header">A further header line; null for none.</param>
    /// <param name="seconds">For how long, if the driver goes by time.</param>
    /// <exception cref="LoadException">The program failed, or the server refused.</exception>
    Task<Measurement> MeasureAsync(string url, string? header, int seconds);
}
