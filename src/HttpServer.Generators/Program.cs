using Http.Server.Generators;

// Run by hand when mime-db has a new version; nothing builds or ships this project:
//   npm pack mime-db && tar xzf mime-db-*.tgz
//   dotnet run --project src/HttpServer.Generators -- mime package/db.json
if (args is not ["mime", var database])
{
    Console.Error.WriteLine("usage: HttpServer.Generators mime path/to/mime-db/db.json");
    return 2;
}

try
{
    string output = Path.Combine(FindRepository(), "src", "HttpServer", "Text", "MimeTable.Generated.cs");
    int count = MimeTableWriter.Write(MimeDatabase.Load(database), output);
    Console.WriteLine($"{output}: {count} extensions");
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
