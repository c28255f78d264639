using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Notary.Evidence.Ethereum;
using Notary.Verification.Ethereum;

namespace Notary.Verification.Tests;

/// <summary>A node of a chain that has a sample's block on it, and says what it is told to about another.</summary>
internal sealed class AnsweringNode : IAsyncDisposable
{
    private readonly WebApplication app;

    private AnsweringNode(WebApplication app) => this.app = app;

    public Uri Url => new(app.Urls.First());

    /// <param name="other">Another block's number.</param>
    /// <param name="otherHash">Its hash; null when the node does not have it.</param>
    /// <param name="lie">Changes the reply to a method.</param>
    public static async Task<AnsweringNode> StartAsync(AnchorProof anchor, long other, string? otherHash, Action<string, JsonObject>? lie = null)
    {
        var sender = AnchorVerifier.Check(anchor, anchor.Size, anchor.Root, anchor.ChainId, anchor.Contract, []).Sender!.ToString()!;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapPost("/", async context =>
        {
            var question = (await JsonNode.ParseAsync(context.Request.Body))!;
            JsonNode? Block() => question["params"]![0]!.GetValue<string>() == Hex.Quantity(anchor.Block)
                ? new JsonObject { ["hash"] = anchor.BlockHash, ["timestamp"] = Hex.Quantity(anchor.BlockTime.ToUnixTimeSeconds()) }
                : question["params"]![0]!.GetValue<string>() == Hex.Quantity(other) && otherHash is not null ? new JsonObject { ["hash"] = otherHash } : null;
            var method = question["method"]!.GetValue<string>();
            var reply = new JsonObject
            {
                ["jsonrpc"] = "2.0",
                ["id"] = 1,
                ["result"] = method switch
                {
                    "eth_chainId" => Hex.Quantity(anchor.ChainId),
                    "eth_blockNumber" => Hex.Quantity(anchor.Block + 20),
                    "eth_getCode" => "0x60",
                    "eth_getBlockByNumber" => Block(),
                    "eth_getTransactionReceipt" => Receipt(anchor, sender),
                    "eth_call" => "0x" + anchor.Root,
                    _ => null,
                },
            };
            lie?.Invoke(method, reply);
            await context.Response.WriteAsync(reply.ToJsonString());
        });
        await app.StartAsync();
        return new AnsweringNode(app);
    }

    private static JsonObject Receipt(AnchorProof anchor, string sender) => new()
    {
        ["transactionHash"] = anchor.TransactionHash,
        ["blockHash"] = anchor.BlockHash,
        ["status"] = "0x1",
        ["from"] = sender,
        ["to"] = anchor.Contract,
        ["logs"] = new JsonArray(new JsonObject
        {
            ["address"] = anchor.Contract,
            ["topics"] = new JsonArray(Hex.Of(AnchorContract.AnchoredTopic), $"0x{anchor.Size:x64}"),
            ["data"] = $"0x{anchor.Root}{new string('0', 24)}{sender[2..]}",
        }),
    };

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
