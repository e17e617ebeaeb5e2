/* Verdicts, from harmless to worst. */
#ifndef WSPCHECK_VERDICT_H
#define WSPCHECK_VERDICT_H

enum verdict {
    VERDICT_PASS,
    VERDICT_NOT_APPLICABLE,
    VERDICT_TOLERATED,
    VERDICT_BLOCKED,
    VERDICT_FAIL,
    VERDICT_TIMEOUT,
    VERDICT_CRASH,
    VERDICT_COUNT
};

/* "not-applicable" */
static inline const char *verdict_name(enum verdict verdict)
{
    static const char *const names[VERDICT_COUNT] = {
        "pass",
        "not-applicable",
        "tolerated",
        "blocked",
        "fail",
        "timeout",
        "crash",
    };

    return names[verdict];
}

#endif
