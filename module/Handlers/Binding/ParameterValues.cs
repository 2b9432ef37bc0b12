using System.Collections;
using System.Management.Automation;
using System.Runtime.ExceptionServices;
using Http.Server.PowerShell.Handlers.Forms;

namespace Http.Server.PowerShell.Handlers.Binding;

/// <summary>
/// The values of one request by name, in any case of it: from the path, else the query, else a form, else JSON. The body is read
/// when a name is in neither of the first two.
/// </summary>
internal sealed class ParameterValues(IRequestValues request, bool hasBody)
{
    private Hashtable? _query;
    private bool _hasReadQuery;
    private Hashtable? _form;
    private object? _json;
    private bool _hasReadBody;

    /// <summary>Finds the value of a name: a text, an array of those, or a value of JSON.</summary>
    public bool TryFind(string name, out object? value)
    {
        if (request.RouteValues.TryGetValue(name, out var text))
        {
            value = text;
            return true;
        }

        ReadQuery();
        if (_query?.ContainsKey(name) == true)
        {
            value = _query[name];
            return true;
        }

        ReadBody();
        if (_form?.ContainsKey(name) == true)
        {
            value = _form[name];
            return true;
        }

        value = null;
        return _json is IDictionary table && TryFind(table, name, out value);
    }

    /// <summary>Finds the whole body: a table of a form or a JSON object, or another value of JSON.</summary>
    public bool TryFindBody(out object? value)
    {
        ReadBody();
        value = _form ?? _json;
        return value is not null;
    }

    /// <summary>Finds the files of a form's field.</summary>
    public UploadedFile[] FindFiles(string name)
    {
        ReadBody();
        return _form is null ? []
            : [.. Read(() => request.Files).Where(file => file.Name.Equals(name, StringComparison.OrdinalIgnoreCase))];
    }

    private void ReadQuery()
    {
        if (_hasReadQuery)
            return;
        if (request.QueryString.Length > 0)
            _query = Read(() => request.Query);
        _hasReadQuery = true;
    }

    private void ReadBody()
    {
        if (_hasReadBody || !hasBody)
            return;
        if (BodyLimits.IsForm(request.ContentType))
            _form = Read(() => request.Form);
        else if (BodyLimits.IsJson(request.ContentType) && Read(() => request.BodyBytes).Count > 0)
            _json = Read(() => request.Json);
        _hasReadBody = true;
    }

    private static bool TryFind(IDictionary table, string name, out object? value)
    {
        // The names of JSON are told apart by case: the one that is written so goes before others.
        object? found = table.Contains(name) ? name
            : table.Keys.Cast<object>().FirstOrDefault(key => key is string text
                && text.Equals(name, StringComparison.OrdinalIgnoreCase));
        value = found is null ? null : table[found];
        return found is not null;
    }

    /// <summary>What a script would see wrapped is here what it is.</summary>
    private static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (MethodInvocationException exception) when (exception.InnerException is RequestFaultException { Status: 400 } fault)
        {
            throw new ParameterException(new ParameterFault(null, fault.Message + "."));
        }
        catch (MethodInvocationException exception) when (exception.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }
}
