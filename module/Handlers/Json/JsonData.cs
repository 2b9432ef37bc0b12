using System.Collections;
using System.Collections.Specialized;
using System.Data;
using System.Management.Automation;
using Http.Server.PowerShell.Engine;

namespace Http.Server.PowerShell.Handlers.Json;

/// <summary>
/// What a value contains that is no scalar: tables, rows and objects are objects of JSON, and everything else that can be
/// enumerated is an array.
/// </summary>
internal static class JsonData
{
    /// <summary>Opens a value.</summary>
    /// <param name="bare">The value without the engine's wrapping.</param>
    /// <param name="wrapped">The wrapping, which may have members of its own; null for none.</param>
    /// <param name="self">By what it is known again.</param>
    public static JsonLevel Open(object bare, PSObject? wrapped, object self)
    {
        return bare switch
        {
            IDictionary table => Table(Entries(table).Concat(Added(wrapped))),
            NameValueCollection table => Table(table.AllKeys.Select(name => ValueOf(table, name))),
            DataRow row => Table(Columns(row).Concat(Added(wrapped))),
            DataRowView view => Table(Columns(view.Row).Concat(Added(wrapped))),
            DataTable table => List(table.Rows),
            DataSet set => Table(set.Tables.Cast<DataTable>().Select(static table => new JsonMember(table.TableName, table))),
            // A reader is both a record and the enumeration of its records.
            IDataRecord record and not IEnumerable => Table(Columns(record).Concat(Added(wrapped))),
            IList list => List(list),
            IEnumerable items => JsonShape.Of(bare.GetType()).IsTable
                ? Table(Unique(items.Cast<object>().Select(Pair)))
                : List(items),
            _ => Members(JsonShape.Of(bare.GetType())),
        };

        JsonLevel Table(IEnumerable<JsonMember> members) => new(self, IsArray: false, members.GetEnumerator(), GoesDeeper: true);

        JsonLevel List(IEnumerable items) => new(self, IsArray: true, ItemsOf(items).GetEnumerator(), GoesDeeper: true);

        JsonLevel Members(JsonShape shape)
        {
            var others = Properties(wrapped, property => !shape.Has(property.Name));
            return new JsonLevel(self, IsArray: false, shape.Read(bare).Concat(others).GetEnumerator(), shape.IsData);
        }
    }

    private static IEnumerable<JsonMember> ItemsOf(IEnumerable items)
    {
        foreach (var item in items)
            yield return new JsonMember("", item);
    }

    private static IEnumerable<JsonMember> Entries(IDictionary table) =>
        table.Keys.Cast<object>().All(static key => key is string) ? EntriesOf(table) : Unique(EntriesOf(table));

    private static IEnumerable<JsonMember> EntriesOf(IDictionary table)
    {
        // Cast is not used, because it would take the pairs of a generic table.
        foreach (DictionaryEntry entry in table)
            yield return new JsonMember(JsonScalar.NameOf(entry.Key), entry.Value);
    }

    /// <summary>Keys that differ may be the same as text, 1 and '1' say: the last counts, as when JSON is read.</summary>
    private static OrderedDictionary<string, JsonMember>.ValueCollection Unique(IEnumerable<JsonMember> members)
    {
        var named = new OrderedDictionary<string, JsonMember>(StringComparer.Ordinal);
        foreach (var member in members)
            named[member.Name] = member;
        return named.Values;
    }

    private static JsonMember Pair(object pair)
    {
        object? key = null, value = null;
        foreach (var member in JsonShape.Of(pair.GetType()).Read(pair))
        {
            if (member.Name == "Key")
                key = member.Value;
            else
                value = member.Value;
        }

        return new JsonMember(JsonScalar.NameOf(key!), value);
    }

    private static JsonMember ValueOf(NameValueCollection table, string? name) =>
        new(name ?? "", table.GetValues(name) is { Length: > 1 } several ? several : table[name]);

    private static IEnumerable<JsonMember> Columns(DataRow row) =>
        row.Table.Columns.Cast<DataColumn>().Select(column => new JsonMember(column.ColumnName, row[column]));

    private static IEnumerable<JsonMember> Columns(IDataRecord record) =>
        Enumerable.Range(0, record.FieldCount).Select(at => new JsonMember(record.GetName(at), record.GetValue(at)));

    /// <summary>What scripts and type files have added to a table or a row.</summary>
    private static IEnumerable<JsonMember> Added(PSObject? wrapped) =>
        Properties(wrapped, static property => property.MemberType != PSMemberTypes.Property);

    private static IEnumerable<JsonMember> Properties(PSObject? wrapped, Func<PSPropertyInfo, bool> isWanted) =>
        wrapped is null
            ? []
            : wrapped.Properties.Where(isWanted).Select(static property => property is PSScriptProperty script
                ? new JsonMember(script.Name, null, script)
                : new JsonMember(property.Name, ValueOf(property)));

    /// <summary>The value of a property; null if it cannot be had.</summary>
    public static object? ValueOf(PSPropertyInfo property)
    {
        try
        {
            return property.Value;
        }
        catch (Exception exception) when (exception is GetValueException or FlowControlException)
        {
            // The property's script has failed, has run break or exit, or has been stopped.
            ScriptWorker.OfThisThread?.ThrowIfStopped();
            return null;
        }
    }
}
