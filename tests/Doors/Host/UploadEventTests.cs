using Notary.Evidence;

namespace Notary.Host.Tests;

[TestClass]
public sealed class UploadEventTests
{
    private const string Cloud =
        """{"specversion":"1.0","type":"Microsoft.Storage.BlobCreated","source":"/s","id":"1","time":"2026-01-01T00:00:00Z","""
        + """ "subject":"/blobServices/default/containers/uploads/blobs/t1/0193","data":{"api":"PutBlockList","eTag":"0x1","contentLength":3,"""
        + """ "blobType":"BlockBlob","url":"https://evil.example/x","sequencer":"01"}}""";

    [TestMethod]
    public void PlainBase64ArrayAndOldSchemaAreRead()
    {
        Assert.AreEqual("t1/0193", UploadEvent.PathOf(Cloud));
        Assert.AreEqual("t1/0193", UploadEvent.PathOf(Convert.ToBase64String(Encoding.UTF8.GetBytes(Cloud))));
        Assert.AreEqual("t1/0193", UploadEvent.PathOf($"[{Cloud}]"));
        Assert.AreEqual("t1/0193", UploadEvent.PathOf(Cloud.Replace("\"type\"", "\"eventType\"", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow("\"PutBlockList\"", "\"AppendFile\"")]
    [DataRow("BlobCreated", "BlobDeleted")]
    [DataRow("containers/uploads/", "containers/originals/")]
    public void OtherEventsAreNoneOfOurs(string old, string now) => Assert.IsNull(UploadEvent.PathOf(Cloud.Replace(old, now, StringComparison.Ordinal)));

    [TestMethod]
    [DataRow("")]
    [DataRow("{}")]
    [DataRow("[]")]
    [DataRow("not base64!")]
    [DataRow("{\"type\":7,\"subject\":\"x\"}")]
    [DataRow("{\"type\":\"Microsoft.Storage.BlobCreated\",\"subject\":\"/blobServices/default/containers/uploads/blobs/a\",\"data\":5}")]
    public void WhatIsNoEventIsPoison(string text)
        => Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(() => UploadEvent.PathOf(text)).Fault);
}
