using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Notary.Storage;

/// <summary>One table of Azure Table Storage, in the shape of Azure.Data.Tables' client, which this feed does not have (docs/decisions).</summary>
/// <remarks>
/// Failures are <see cref="RequestFailedException"/> with the service's status and code. Transient ones are retried as
/// the options say, so a write can be answered 409 or 412 though its own first try was what won: see
/// <see cref="StorageAccount"/>.
/// </remarks>
public sealed class TableClient
{
    /// <summary>Bearer tokens, merging by PATCH and everything else used here; the newest version is not needed.</summary>
    private const string ServiceVersion = "2019-02-02";

    /// <summary>The service's limit on the writes of one transaction.</summary>
    public const int MaxTransactionActions = 100;

    /// <summary>The error code of a failure without an answer: status 0, and what happened is unknown.</summary>
    public const string NoAnswer = nameof(NoAnswer);

    private const string Json = "application/json";
    private const string MinimalMetadata = "application/json;odata=minimalmetadata";

    private readonly string service;
    private readonly HttpPipeline pipeline;

    /// <param name="connectionString">A storage connection string; requests are signed with its account key.</param>
    /// <param name="table">The table's name.</param>
    /// <param name="options">Retries and policies; default the pipeline's own.</param>
    /// <param name="clock">Dates the signatures; default the system's.</param>
    public TableClient(string connectionString, string table, TableClientOptions? options = null, TimeProvider? clock = null)
        : this(ConnectionString.Parse(connectionString), table, options, clock)
    {
    }

    /// <param name="serviceUri">The account's table endpoint, without a table.</param>
    /// <param name="table">The table's name.</param>
    /// <param name="credential">Asked for tokens for the storage audience; needs https.</param>
    /// <param name="options">Retries and policies; default the pipeline's own.</param>
    public TableClient(Uri serviceUri, string table, TokenCredential credential, TableClientOptions? options = null)
        : this(serviceUri, table, new BearerTokenAuthenticationPolicy(credential, "https://storage.azure.com/.default"), options)
    {
    }

    private TableClient(ConnectionString account, string table, TableClientOptions? options, TimeProvider? clock)
        : this(account.TableEndpoint, table, new SharedKeyLitePolicy(account.AccountName, account.AccountKey, clock ?? TimeProvider.System), options)
    {
    }

    private TableClient(Uri serviceUri, string table, HttpPipelinePolicy authentication, TableClientOptions? options)
    {
        service = serviceUri.AbsoluteUri.TrimEnd('/') + "/";
        Name = table;
        pipeline = HttpPipelineBuilder.Build(options ?? new TableClientOptions(), authentication);
    }

    public string Name { get; }

    /// <summary>Creates the table; false when it is there already.</summary>
    public async Task<bool> CreateIfNotExistsAsync(CancellationToken cancel = default)
    {
        using var message = Message(RequestMethod.Post, "Tables", MinimalMetadata);
        message.Request.Headers.SetValue("Prefer", "return-no-content");
        SetBody(message, JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["TableName"] = Name }), Json);
        var answer = await SendAsync(message, cancel, 201, 204, 409);
        return answer.Status != 409 || (ErrorOf(answer).ErrorCode != TableErrorCode.TableAlreadyExists ? throw ErrorOf(answer) : false);
    }

    /// <summary>Deletes the table with all its rows; nothing happens when there is none.</summary>
    public async Task<Response> DeleteAsync(CancellationToken cancel = default)
    {
        using var message = Message(RequestMethod.Delete, $"Tables('{Name}')", MinimalMetadata);
        return await SendAsync(message, cancel, 204, 404);
    }

    /// <summary>Inserts a row. The answer's headers hold its ETag.</summary>
    /// <exception cref="RequestFailedException">409 EntityAlreadyExists: a row with these keys is there (perhaps by an earlier try of this call).</exception>
    public async Task<Response> AddEntityAsync(TableEntity entity, CancellationToken cancel = default)
    {
        using var message = Message(RequestMethod.Post, Name, MinimalMetadata);
        message.Request.Headers.SetValue("Prefer", "return-no-content");
        SetBody(message, TableJson.Write(entity), Json);
        return await SendAsync(message, cancel, 201, 204);
    }

    /// <summary>Changes a row that exists in the version <paramref name="ifMatch"/> (<see cref="ETag.All"/>: in any).</summary>
    /// <exception cref="RequestFailedException">412 UpdateConditionNotSatisfied: another version is there (perhaps by an earlier try of this call); 404: none.</exception>
    public async Task<Response> UpdateEntityAsync(TableEntity entity, ETag ifMatch, TableUpdateMode mode = TableUpdateMode.Merge, CancellationToken cancel = default)
    {
        if (ifMatch == default)
        {
            // An update without a condition would be an upsert, on the wire and in effect.
            throw new ArgumentException("an update needs an ETag; ETag.All matches any version", nameof(ifMatch));
        }

        using var message = Message(Method(mode), EntityPath(entity), MinimalMetadata);
        message.Request.Headers.SetValue("If-Match", Condition(ifMatch));
        SetBody(message, TableJson.Write(entity), Json);
        return await SendAsync(message, cancel, 204);
    }

    /// <summary>Inserts or changes a row, whatever is there.</summary>
    public async Task<Response> UpsertEntityAsync(TableEntity entity, TableUpdateMode mode = TableUpdateMode.Merge, CancellationToken cancel = default)
    {
        using var message = Message(Method(mode), EntityPath(entity), MinimalMetadata);
        SetBody(message, TableJson.Write(entity), Json);
        return await SendAsync(message, cancel, 204);
    }

    /// <summary>Deletes a row in the version <paramref name="ifMatch"/> (default: in any). A row that is not there is no error: status 404 is returned.</summary>
    /// <exception cref="RequestFailedException">412 UpdateConditionNotSatisfied: another version is there.</exception>
    public async Task<Response> DeleteEntityAsync(string partitionKey, string rowKey, ETag ifMatch = default, CancellationToken cancel = default)
    {
        TableKeys.Check(partitionKey, nameof(partitionKey));
        TableKeys.Check(rowKey, nameof(rowKey));
        using var message = Message(RequestMethod.Delete, TableKeys.EntityPath(Name, partitionKey, rowKey), MinimalMetadata);
        message.Request.Headers.SetValue("If-Match", Condition(ifMatch));
        return await SendAsync(message, cancel, 204, 404);
    }

    /// <exception cref="RequestFailedException">404 ResourceNotFound.</exception>
    public async Task<Response<TableEntity>> GetEntityAsync(string partitionKey, string rowKey, IEnumerable<string>? select = null, CancellationToken cancel = default)
    {
        using var message = Get(partitionKey, rowKey, select);
        var answer = await SendAsync(message, cancel, 200);
        return Response.FromValue(ReadEntity(answer), answer);
    }

    /// <summary>The row, or an answer without a value when there is none.</summary>
    /// <exception cref="RequestFailedException">404 TableNotFound: the table itself is missing.</exception>
    public async Task<NullableResponse<TableEntity>> GetEntityIfExistsAsync(string partitionKey, string rowKey, IEnumerable<string>? select = null, CancellationToken cancel = default)
    {
        using var message = Get(partitionKey, rowKey, select);
        var answer = await SendAsync(message, cancel, 200, 404);
        if (answer.Status == 404)
        {
            return ErrorOf(answer) is { ErrorCode: TableErrorCode.TableNotFound } missing ? throw missing : new NoEntity(answer);
        }

        return Response.FromValue(ReadEntity(answer), answer);
    }

    /// <summary>Rows in the order of their keys, fetched page by page; <c>AsPages(continuationToken, pageSizeHint)</c> gives the pages themselves.</summary>
    /// <param name="filter">OData, such as <see cref="TableFilter"/> builds; null for all.</param>
    /// <param name="maxPerPage">1 to 1000. A page may hold fewer rows, even none, and still not be the last.</param>
    /// <param name="select">Properties to return; null for all. The keys always come along.</param>
    public AsyncPageable<TableEntity> QueryAsync(string? filter = null, int? maxPerPage = null, IEnumerable<string>? select = null, CancellationToken cancel = default)
        => new TablePages(continuation => PageMessage(filter, maxPerPage, select, continuation), SendAsync, cancel);

    /// <summary>Does all of the writes or none; all in one partition, no row twice, at most 100 and 4 MiB.</summary>
    /// <returns>The new ETags in the order of the actions, default for a deletion.</returns>
    /// <exception cref="TableTransactionFailedException">One write could not be done, so none was; with its index.</exception>
    /// <exception cref="RequestFailedException">The transaction as a whole was refused or its fate is unknown.</exception>
    public async Task<IReadOnlyList<ETag>> SubmitTransactionAsync(IEnumerable<TableTransactionAction> actions, CancellationToken cancel = default)
    {
        var list = actions as IReadOnlyList<TableTransactionAction> ?? [.. actions];
        if (list.Count is 0 or > MaxTransactionActions)
        {
            throw new ArgumentException($"a transaction has 1 to {MaxTransactionActions} writes, not {list.Count}", nameof(actions));
        }

        if (list.Any(action => action.Entity.PartitionKey != list[0].Entity.PartitionKey))
        {
            throw new ArgumentException("a transaction stays in one partition", nameof(actions));
        }

        var body = new TableTransactionBody();
        using var message = Message(RequestMethod.Post, "$batch", Json);
        SetBody(message, body.Write(service, Name, list), body.ContentType);
        var answer = await SendAsync(message, cancel, 202);
        return TableTransactionBody.Read(answer.Content, list.Count);
    }

    internal static string Condition(ETag etag) => etag == default ? ETag.All.ToString() : etag.ToString();

    private static RequestMethod Method(TableUpdateMode mode) => mode == TableUpdateMode.Merge ? RequestMethod.Patch : RequestMethod.Put;

    private static TableEntity ReadEntity(Response answer)
    {
        using var json = JsonDocument.Parse(answer.Content.ToMemory());
        return TableJson.Read(json.RootElement);
    }

    private static RequestFailedException ErrorOf(Response answer) => new(answer, null, TableErrors.Parser);

    private static string Select(IEnumerable<string> select)
        => Uri.EscapeDataString(string.Join(',', select.Union([TableEntity.PartitionKeyName, TableEntity.RowKeyName])));

    private static void SetBody(HttpMessage message, byte[] body, string contentType)
    {
        message.Request.Headers.SetValue("Content-Type", contentType);
        message.Request.Content = RequestContent.Create(body);
    }

    private string EntityPath(TableEntity entity) => TableKeys.EntityPath(Name, entity.PartitionKey, entity.RowKey);

    private HttpMessage Get(string partitionKey, string rowKey, IEnumerable<string>? select)
    {
        TableKeys.Check(partitionKey, nameof(partitionKey));
        TableKeys.Check(rowKey, nameof(rowKey));
        var query = select is null ? "" : $"?$select={Select(select)}";
        return Message(RequestMethod.Get, TableKeys.EntityPath(Name, partitionKey, rowKey) + query, MinimalMetadata);
    }

    private HttpMessage PageMessage(string? filter, int? maxPerPage, IEnumerable<string>? select, (string? Partition, string? Row) next)
    {
        var query = new List<string>();
        void Add(string name, string? value)
        {
            if (value is not null)
            {
                query.Add($"{name}={Uri.EscapeDataString(value)}");
            }
        }

        Add("$filter", filter);
        Add("$top", maxPerPage?.ToString(CultureInfo.InvariantCulture));
        if (select is not null)
        {
            query.Add($"$select={Select(select)}");
        }

        Add("NextPartitionKey", next.Partition);
        Add("NextRowKey", next.Row);
        return Message(RequestMethod.Get, $"{Name}()?{string.Join('&', query)}", MinimalMetadata);
    }

    private HttpMessage Message(RequestMethod method, string path, string accept)
    {
        var message = pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(new Uri(service + path));
        message.Request.Headers.SetValue("Accept", accept);
        message.Request.Headers.SetValue("x-ms-version", ServiceVersion);
        message.Request.Headers.SetValue("DataServiceVersion", "3.0");
        return message;
    }

    private async Task<Response> SendAsync(HttpMessage message, CancellationToken cancel, params int[] expected)
    {
        try
        {
            await pipeline.SendAsync(message, cancel);
        }
        catch (Exception failure) when (failure is not RequestFailedException && StorageFailure.Is(failure, cancel))
        {
            // Several tries without an answer come as a list, a time-out as a cancellation; callers branch on one type.
            throw new RequestFailedException(0, "the table service did not answer", NoAnswer, failure);
        }

        return expected.Contains(message.Response.Status) ? message.Response : throw ErrorOf(message.Response);
    }

    private sealed class NoEntity(Response answer) : NullableResponse<TableEntity>
    {
        public override bool HasValue => false;

        public override TableEntity? Value => null;

        public override Response GetRawResponse() => answer;
    }
}
