#include "blocking_callback.h"

#include "callback.h"
#include "trace.h"

#define THREADS 64

struct setting {
    DWORD thread; /* 0: free */
    BOOL (*callback)(void *context);
    void *context;
    bool suspended;
    bool traced; /* only the first call is worth a line */
};

static SRWLOCK lock = SRWLOCK_INIT;
static struct setting settings[THREADS];
static volatile LONG queries, calls;
static volatile bool ever_asked;

/* The lock is held. NULL: none, and none to be had. */
static struct setting *own_setting(bool make)
{
    DWORD thread = GetCurrentThreadId();
    struct setting *free = NULL;

    for (int i = 0; i < THREADS; ++i) {
        if (settings[i].thread == thread)
            return &settings[i];
        if (!settings[i].thread && !free)
            free = &settings[i];
    }
    if (!make || !free)
        return NULL;
    free->thread = thread;
    return free;
}

void blocking_callback_set(BOOL (*callback)(void *context), void *context)
{
    struct setting *setting;

    AcquireSRWLockExclusive(&lock);
    setting = own_setting(true);
    if (setting) {
        setting->callback = callback;
        setting->context = context;
    }
    ReleaseSRWLockExclusive(&lock);
}

static BOOL CALLBACK call(DWORD_PTR context)
{
    struct setting *setting = (struct setting *)context;

    InterlockedIncrement(&calls);
    if (!setting->traced)
        trace_line("the blocking callback is called");
    setting->traced = true;
    return setting->callback ? setting->callback(setting->context) : TRUE;
}

void blocking_callback_get(LPBLOCKINGCALLBACK *callback, DWORD_PTR *context)
{
    struct setting *setting;

    ever_asked = true;
    AcquireSRWLockShared(&lock);
    setting = own_setting(false);
    if (!setting || !setting->suspended)
        InterlockedIncrement(&queries);
    if (setting && (!setting->callback || setting->suspended))
        setting = NULL;
    *callback = setting ? callback_blocking(call) : NULL;
    *context = (DWORD_PTR)setting;
    ReleaseSRWLockShared(&lock);
}

void blocking_callback_suspend(bool suspended)
{
    struct setting *setting;

    AcquireSRWLockExclusive(&lock);
    setting = own_setting(suspended);
    if (setting)
        setting->suspended = suspended;
    ReleaseSRWLockExclusive(&lock);
}

unsigned blocking_callback_query_count(void)
{
    return (unsigned)queries;
}

unsigned blocking_callback_call_count(void)
{
    return (unsigned)calls;
}

bool blocking_callback_ever_asked(void)
{
    return ever_asked;
}

void blocking_callback_reset(void)
{
    AcquireSRWLockExclusive(&lock);
    for (int i = 0; i < THREADS; ++i)
        settings[i] = (struct setting){0};
    ReleaseSRWLockExclusive(&lock);
    InterlockedExchange(&queries, 0);
    InterlockedExchange(&calls, 0);
}
