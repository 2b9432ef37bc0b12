using System.Text.Json.Serialization;

namespace Http.Server.Hosting;

/// <summary>What values of configuration files are in .NET, described at build time, as a native program needs it.</summary>
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class SettingTypes : JsonSerializerContext;
