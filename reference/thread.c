#include "thread.h"

#include "memory.h"

static CRITICAL_SECTION lock;
static DWORD slot = TLS_OUT_OF_INDEXES;
static struct thread *all;

void thread_initialize(void)
{
    InitializeCriticalSection(&lock);
}

void thread_delete(void)
{
    DeleteCriticalSection(&lock);
}

int thread_start(void)
{
    slot = TlsAlloc();
    return slot == TLS_OUT_OF_INDEXES ? WSAEPROCLIM : 0;
}

static void destroy(struct thread *thread)
{
    if (thread->wake)
        CloseHandle(thread->wake);
    if (thread->done)
        CloseHandle(thread->done);
    memory_free(thread->scratch);
    memory_free(thread);
}

/* A new slot is empty in every thread, so the others need not be told. */
void thread_stop(void)
{
    while (all) {
        struct thread *thread = all;

        all = thread->next;
        destroy(thread);
    }
    TlsFree(slot);
    slot = TLS_OUT_OF_INDEXES;
}

struct thread *thread_if_known(void)
{
    DWORD error;
    struct thread *thread;

    if (slot == TLS_OUT_OF_INDEXES)
        return NULL;
    error = GetLastError(); /* TlsGetValue clears it, and it is the client's. */
    thread = TlsGetValue(slot);
    SetLastError(error);
    return thread;
}

static struct thread *create(void)
{
    struct thread *thread = memory_allocate(sizeof *thread);

    if (!thread)
        return NULL;
    thread->wake = CreateEventW(NULL, FALSE, FALSE, NULL);
    thread->done = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (!thread->wake || !thread->done || !TlsSetValue(slot, thread)) {
        destroy(thread);
        return NULL;
    }
    EnterCriticalSection(&lock);
    thread->next = all;
    all = thread;
    LeaveCriticalSection(&lock);
    return thread;
}

struct thread *thread_self(void)
{
    struct thread *thread = thread_if_known();

    return thread ? thread : create();
}

char *thread_scratch(void)
{
    struct thread *thread = thread_self();

    if (thread && !thread->scratch)
        thread->scratch = memory_allocate(THREAD_SCRATCH);
    return thread ? thread->scratch : NULL;
}

bool thread_in_callback(void)
{
    const struct thread *thread = thread_if_known();

    return thread && thread->callbacks;
}

void thread_detach(void)
{
    struct thread *thread = thread_if_known();
    struct thread **at = &all;

    if (!thread)
        return;
    EnterCriticalSection(&lock);
    while (*at && *at != thread)
        at = &(*at)->next;
    if (*at)
        *at = thread->next;
    LeaveCriticalSection(&lock);
    destroy(thread);
}
