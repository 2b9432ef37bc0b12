using System.Collections;
using System.Collections.ObjectModel;
using System.Management.Automation;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Handlers.Json;

namespace Http.Server.PowerShell.Handlers.Output;

/// <summary>Objects as rows, and what they have as columns: all that any of them has, in the order in which they come.</summary>
internal sealed class OutputTable
{
    /// <summary>
    /// Most columns. Each is a place in all rows, and their names may be a client's: without an end, a list of tables that have
    /// nothing in common would take memory by the square of its length.
    /// </summary>
    private const int MaxColumns = 1000;

    /// <summary>The column of values that have no members.</summary>
    private const string ValueColumn = "Value";

    private const int CellsBetweenLooks = 4096;

    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly List<string> _columns = [];
    private readonly List<OutputCell[]> _rows = [];
    private readonly bool _isForPeople;
    private int _count;

    /// <summary>Makes a table of what a handler has put out.</summary>
    /// <param name="output">One value, or a list of some.</param>
    /// <param name="isForPeople">Objects of .NET have the columns that PowerShell shows, and not all.</param>
    public OutputTable(object output, bool isForPeople)
    {
        _isForPeople = isForPeople;
        var items = ItemsOf(output, out var isList);
        IsOne = !isList;
        foreach (var row in items)
            Add(row);
    }

    /// <summary>It is one object, and no list.</summary>
    public bool IsOne { get; }

    /// <summary>Objects have had more columns than a table may have.</summary>
    public bool HasMore { get; private set; }

    public IReadOnlyList<string> Columns => _columns;

    public IReadOnlyList<OutputCell[]> Rows => _rows;

    /// <summary>A cell; empty if the row has no such column.</summary>
    public static OutputCell Cell(OutputCell[] row, int column) => column < row.Length ? row[column] : default;

    private static IEnumerable<object?> ItemsOf(object output, out bool isList)
    {
        var bare = output is PSObject wrapped ? wrapped.BaseObject : output;
        isList = true;
        if (bare is List<PSObject> several)
            return several;
        if (!OutputCell.IsScalar(bare) && JsonData.Open(bare, output as PSObject, output) is { IsArray: true } level)
            return ItemsOf(level);
        isList = false;
        return [output];
    }

    private static IEnumerable<object?> ItemsOf(JsonLevel level)
    {
        using var members = level.Members;
        while (members.MoveNext())
            yield return members.Current.Value;
    }

    private void Add(object? row)
    {
        var wrapped = row as PSObject;
        var bare = wrapped is null ? row : wrapped.BaseObject;
        var cells = new List<OutputCell>();
        if (OutputCell.IsScalar(bare))
        {
            Put(cells, ValueColumn, OutputCell.Of(row, goesDeeper: true));
        }
        else if (_isForPeople && ShownProperties(wrapped) is { } names)
        {
            foreach (var name in names)
            {
                if (wrapped!.Properties[name] is { } property)
                    Put(cells, name, OutputCell.Of(JsonData.ValueOf(property), goesDeeper: false));
            }
        }
        else if (JsonData.Open(bare!, wrapped, bare!) is { IsArray: false } level)
        {
            using var members = level.Members;
            while (members.MoveNext())
            {
                var (name, value, script) = members.Current;
                Put(cells, name, OutputCell.Of(script is null ? value : JsonData.ValueOf(script), level.GoesDeeper));
            }
        }
        else
        {
            Put(cells, ValueColumn, OutputCell.Of(row, goesDeeper: true));
        }

        _rows.Add([.. cells]);
    }

    private void Put(List<OutputCell> cells, string column, OutputCell cell)
    {
        if (++_count % CellsBetweenLooks == 0)
            ScriptWorker.OfThisThread?.ThrowIfStopped();
        if (!_places.TryGetValue(column, out var place))
        {
            if (_columns.Count == MaxColumns)
            {
                HasMore = true;
                return;
            }

            place = _columns.Count;
            _places.Add(column, place);
            _columns.Add(column);
        }

        while (cells.Count <= place)
            cells.Add(default);
        cells[place] = cell;
    }

    /// <summary>The properties that PowerShell shows of a type; null if it does not say.</summary>
    private static Collection<string>? ShownProperties(PSObject? value) =>
        value?.BaseObject is not (null or PSCustomObject or IDictionary)
            && value.Members["PSStandardMembers"] is PSMemberSet standard
            && standard.Members["DefaultDisplayPropertySet"] is PSPropertySet set
            ? set.ReferencedPropertyNames : null;
}
