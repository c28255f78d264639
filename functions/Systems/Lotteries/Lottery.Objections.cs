namespace Notary.Lotteries;

/// <content>What the public objects to, and what the organiser answers.</content>
public sealed partial class Lottery
{
    private const string Text = "Text", Contact = "Contact", At = "At", AnswerText = "Answer", AnsweredAt = "AnsweredAt";

    /// <summary>Takes an objection from anybody; the same words again are the same objection. Counted in the draw's own row by the
    /// same transaction, so that none is lost to the freeze.</summary>
    /// <returns>Its number, from 1.</returns>
    /// <exception cref="FaultException">NotFound: also a draft; DrawLate: the time is over; Conflict: too many; Malformed.</exception>
    public async Task<int> ObjectAsync(Digest id, string text, string contact, CancellationToken cancel)
    {
        Texts.Demand(text, 1, LotteryLimits.MaxText, "an objection");
        Texts.Demand(contact, 0, LotteryLimits.MaxContact, "a contact");
        for (var attempt = 0; attempt < LotteryLimits.MaxAttempts; attempt++)
        {
            var row = await FindPublicAsync(id, cancel).ConfigureAwait(false);

            // Said already, by a double press or a write whose answer was lost: one objection.
            if ((await table.UnderAsync(id, DrawKeys.Objections, cancel).ConfigureAwait(false))
                .Find(o => o.GetString(Text) == text && o.GetString(Contact) == contact) is { } same)
                return Number(same);

            var now = clock.GetUtcNow();
            if (row.State != DrawState.Published || row.Step != Steps.Freeze || now >= row.Plan.Schedule.ObjectionsUntil)
                throw new FaultException(Fault.DrawLate, "objections are not taken any more");

            if (row.Objections >= LotteryLimits.MaxObjections)
                throw new FaultException(Fault.Conflict, "the draw has as many objections as are taken");

            var number = row.Objections + 1;
            var entity = new TableEntity(DrawKeys.Partition(id), DrawKeys.Objection(number))
            {
                [At] = now,
                [Text] = text,
                [Contact] = contact,
            };
            if (await table.SwapAsync(Touch(row with { Objections = number }), [new(TableTransactionActionType.Add, entity)], cancel).ConfigureAwait(false))
                return number;
        }

        throw Contested();
    }

    /// <summary>All objections, in their order.</summary>
    /// <exception cref="FaultException">NotFound.</exception>
    public async Task<IReadOnlyList<ObjectionView>> ObjectionsAsync(Tenant tenant, Digest id, CancellationToken cancel)
    {
        await DemandAsync(tenant, id, cancel).ConfigureAwait(false);
        return await ObjectionsAsync(id, cancel).ConfigureAwait(false);
    }

    /// <summary>The same for the office.</summary>
    public async Task<IReadOnlyList<ObjectionView>> ObjectionsAsync(Digest id, CancellationToken cancel)
        => [.. (await table.UnderAsync(id, DrawKeys.Objections, cancel).ConfigureAwait(false)).Select(o => new ObjectionView(
            Number(o), o.GetDateTimeOffset(At)!.Value, o.GetString(Text)!, o.GetString(Contact)!, o.GetString(AnswerText), o.GetDateTimeOffset(AnsweredAt)))];

    /// <summary>Answers an objection, or replaces its answer.</summary>
    /// <exception cref="FaultException">NotFound; DrawState: the draw is fixed already; Malformed.</exception>
    public async Task AnswerAsync(Tenant tenant, Digest id, int number, string text, CancellationToken cancel)
    {
        Texts.Demand(text, 1, LotteryLimits.MaxText, "an answer");
        for (var attempt = 0; attempt < LotteryLimits.MaxAttempts; attempt++)
        {
            var row = await DemandAsync(tenant, id, cancel).ConfigureAwait(false);
            var objection = (await table.UnderAsync(id, DrawKeys.Objections, cancel).ConfigureAwait(false)).Find(o => Number(o) == number) ?? throw NotFound();
            if (row.State != DrawState.Published || row.Step != Steps.Freeze)
                throw new FaultException(Fault.DrawState, "answers are taken until the draw is fixed");

            var answered = row.Answered + (objection.GetString(AnswerText) is null ? 1 : 0);
            var etag = objection.ETag;
            (objection[AnswerText], objection[AnsweredAt]) = (text, clock.GetUtcNow());
            if (!await table.SwapAsync(Touch(row with { Answered = answered }),
                [new(TableTransactionActionType.UpdateReplace, objection, etag)], cancel).ConfigureAwait(false))
                continue;

            if (answered == row.Objections)
                await starter.WakeAsync(id, cancel).ConfigureAwait(false);

            return;
        }

        throw Contested();
    }

    private static int Number(TableEntity objection) => int.Parse(objection.RowKey[DrawKeys.Objections.Length..], CultureInfo.InvariantCulture);
}
