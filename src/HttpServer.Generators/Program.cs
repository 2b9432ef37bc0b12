using Http.Server.Generators;
using Http.Server.Hosting;

// Run by hand; the program is not part of any package. When mime-db has a new version:
//   npm pack mime-db && tar xzf mime-db-*.tgz
//   dotnet run --project src/HttpServer.Generators -- mime package/db.json
// When the table of settings has changed:
//   dotnet run --project src/HttpServer.Generators -- schema
try
{
    switch (args)
    {
        case ["mime", var database]:
            WriteMediaTypes(database);
            return 0;
        case ["schema"]:
            File.WriteAllText(Path.Combine(FindRepository(), "docs", "httpserver.schema.json"), SettingsSchema.Make());
            return 0;
        default:
            Console.Error.WriteLine("usage: HttpServer.Generators mime path/to/mime-db/db.json | schema");
            return 2;
    }
}
catch (Exception e) when (e is IOException or InvalidDataException or System.Text.Json.JsonException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

static void WriteMediaTypes(string database)
{
    var data = MimeDatabase.Load(database);
    string folder = Path.Combine(FindRepository(), "src", "HttpServer", "MediaTypes");
    Console.WriteLine($"{MimeTableWriter.Write(data, Path.Combine(folder, "MimeTable.Generated.cs"))} extensions");
    int compressible = CompressibleTypesWriter.Write(data, Path.Combine(folder, "CompressibleTypes.Generated.cs"));
    Console.WriteLine($"{compressible} compressible types");
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
