#include "overlapped.h"

#include "callback.h"
#include "clock.h"
#include "record.h"
#include "running.h"
#include "trace.h"

/* More than any case needs; what is beyond is not watched. */
#define OPERATIONS 256

/* STATUS_PENDING: what Internal holds until an operation is complete. */
#define IN_PROGRESS 0x103

struct operation {
    const char *function;
    SOCKET s;
    WSAOVERLAPPED *overlapped;
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
    bool pending;
};

static SRWLOCK lock = SRWLOCK_INIT;
static struct operation operations[OPERATIONS];
static unsigned count;

/* The newest one with this structure; the lock is held. */
static struct operation *find(const WSAOVERLAPPED *overlapped)
{
    for (unsigned i = count; i-- > 0;)
        if (operations[i].overlapped == overlapped)
            return &operations[i];
    return NULL;
}

static void CALLBACK on_completion(DWORD error,
                                   DWORD bytes,
                                   LPWSAOVERLAPPED overlapped,
                                   DWORD flags)
{
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine = NULL;
    struct operation *operation;

    trace_line("completion routine(%s, %lu bytes, overlapped 0x%zx)",
               error ? error_text((int)error) : "0",
               bytes,
               (size_t)overlapped);
    AcquireSRWLockExclusive(&lock);
    operation = find(overlapped);
    if (operation) {
        operation->pending = false;
        routine = operation->routine;
    }
    ReleaseSRWLockExclusive(&lock);
    if (routine)
        routine(error, bytes, overlapped, flags);
}

LPWSAOVERLAPPED_COMPLETION_ROUTINE
overlapped_starts(const char *function,
                  SOCKET s,
                  WSAOVERLAPPED *overlapped,
                  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    struct operation *operation;
    bool watched = false;

    AcquireSRWLockExclusive(&lock);
    operation = find(overlapped);
    if (!operation && count < OPERATIONS)
        operation = &operations[count++];
    if (operation) {
        watched = true;
        *operation = (struct operation){function, s, overlapped, routine, true};
    }
    ReleaseSRWLockExclusive(&lock);
    return routine && watched ? callback_completion(on_completion) : routine;
}

/* The completion may have come already. A routine follows a success, too. */
void overlapped_started(WSAOVERLAPPED *overlapped, const struct outcome *outcome)
{
    struct operation *operation;

    AcquireSRWLockExclusive(&lock);
    operation = find(overlapped);
    if (operation &&
        (outcome->failed ? outcome->error != WSA_IO_PENDING : !operation->routine))
        operation->pending = false;
    ReleaseSRWLockExclusive(&lock);
}

void overlapped_completed(const WSAOVERLAPPED *overlapped)
{
    struct operation *operation;

    AcquireSRWLockExclusive(&lock);
    operation = find(overlapped);
    if (operation && !operation->routine)
        operation->pending = false;
    ReleaseSRWLockExclusive(&lock);
}

static bool is_complete(struct operation *operation)
{
    const WSAOVERLAPPED *overlapped = operation->overlapped;

    if (operation->pending && !operation->routine)
        operation->pending =
            overlapped->hEvent
                ? WaitForSingleObject(overlapped->hEvent, 0) != WAIT_OBJECT_0
                : overlapped->Internal == IN_PROGRESS;
    return !operation->pending;
}

/* Lets completion routines run and events be signalled. */
static void wait_for(struct operation *operation)
{
    LARGE_INTEGER start = clock_now();

    while (!is_complete(operation) && clock_since(start) < DEFAULT_WAIT_MS) {
        HANDLE event = operation->routine ? NULL : operation->overlapped->hEvent;

        if (event)
            WaitForSingleObjectEx(event, DEFAULT_WAIT_MS, TRUE);
        else
            SleepEx(1, TRUE);
    }
}

bool overlapped_all_complete(void)
{
    bool all = true;

    for (unsigned i = 0; i < count; ++i) {
        if (is_complete(&operations[i]))
            continue;
        wait_for(&operations[i]);
        if (is_complete(&operations[i]))
            continue;
        all = false;
        record_finding("completion of every pending operation",
                       "an overlapped %s on socket 0x%zx was answered with "
                       "WSA_IO_PENDING and has not completed %d s after the socket "
                       "was closed",
                       operations[i].function,
                       (size_t)operations[i].s,
                       DEFAULT_WAIT_MS / 1000);
    }
    return all;
}

void overlapped_reset(void)
{
    AcquireSRWLockExclusive(&lock);
    count = 0;
    ReleaseSRWLockExclusive(&lock);
}
