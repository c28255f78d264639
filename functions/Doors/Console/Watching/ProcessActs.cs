namespace Notary.Pages.Watching;

/// <summary>What can be done to processes: when, and what it is called.</summary>
public static class ProcessActs
{
    /// <summary>The last part of the deed's address.</summary>
    public static string Path(ProcessAct act) => act.ToString().ToLowerInvariant();

    /// <summary>What may be done to one that stands so.</summary>
    public static IReadOnlyList<ProcessAct> Of(ProcessState state) => state switch
    {
        ProcessState.Parked => [ProcessAct.Resume, ProcessAct.Suspend, ProcessAct.Terminate],
        ProcessState.Failed => [ProcessAct.Rewind, ProcessAct.Terminate],
        ProcessState.Suspended => [ProcessAct.Resume, ProcessAct.Terminate],
        ProcessState.Running => [ProcessAct.Suspend, ProcessAct.Terminate],
        ProcessState.Terminated => [ProcessAct.Rewind],
        _ => [],
    };

    /// <summary>What it is called.</summary>
    public static Words Name(ProcessAct act) => act switch
    {
        ProcessAct.Resume => ("继续", "Resume"),
        ProcessAct.Rewind => ("重新开始", "Rewind"),
        ProcessAct.Suspend => ("暂停", "Suspend"),
        _ => ("终止", "Terminate"),
    };

    /// <summary>What was done, for the history.</summary>
    public static Words Done(ProcessAct act) => act switch
    {
        ProcessAct.Resume => ("继续办理", "Resumed"),
        ProcessAct.Rewind => ("重新开始", "Rewound"),
        ProcessAct.Suspend => ("暂停", "Suspended"),
        _ => ("终止", "Terminated"),
    };

    /// <summary>What it means.</summary>
    public static Words Meaning(ProcessAct act) => act switch
    {
        ProcessAct.Resume => ("从停下的这一步接着办，重新计算尝试次数。先排除原因。", "Goes on at the step where it stands, with fresh attempts. Mend the cause first."),
        ProcessAct.Rewind => ("从头再办。已办成的都有记录，不会办两次。", "Begins anew. What was done is recorded, and is not done twice."),
        ProcessAct.Suspend => ("办完手头的一步后停下，直到有人让它继续。", "Stands after the step at hand, until somebody resumes it."),
        _ => ("流程结束，平台不会自己重新开始。", "It ends, and the platform does not begin it again by itself."),
    };
}
