using Http.Server.Generators;

// Run by hand when mime-db has a new version. The program is not part of any package:
//   npm pack mime-db && tar xzf mime-db-*.tgz
//   dotnet run --project src/HttpServer.Generators -- mime package/db.json
if (args is not ["mime", var database])
{
    Console.Error.WriteLine("usage: HttpServer.Generators mime path/to/mime-db/db.json");
    return 2;
}

try
{
    var data = MimeDatabase.Load(database);
    string folder = Path.Combine(FindRepository(), "src", "HttpServer", "MediaTypes");
    Console.WriteLine($"{MimeTableWriter.Write(data, Path.Combine(folder, "MimeTable.Generated.cs"))} extensions");
    int compressible = CompressibleTypesWriter.Write(data, Path.Combine(folder, "CompressibleTypes.Generated.cs"));
    Console.WriteLine($"{compressible} compressible types");
    return 0;
}
catch (Exception e) when (e is IOException or InvalidDataException or System.Text.Json.JsonException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

static string FindRepository()
{
    for (string? folder = Environment.CurrentDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
    {
        if (File.Exists(Path.Combine(folder, "HttpServer.slnx")))
            return folder;
    }

    throw new DirectoryNotFoundException("HttpServer.slnx was not found; run this inside the repository.");
}
