#include "helper.h"

#include "arena.h"
#include "clock.h"
#include "guard.h"
#include "record.h"
#include "running.h"
#include "thread_id.h"
#include "trace.h"

#include <setjmp.h>

/* What a helper that is about to end may still need, in milliseconds. */
#define GRACE_MS 500

/* await_blocked: how often in a row, a millisecond apart, the thread must be found in
 * the same call without having used the processor. */
#define BLOCKED_LOOKS 2

struct helper {
    struct helper *next;
    HANDLE thread;
    DWORD id;
    char name[16];
    void (*work)(void *context);
    void *context;
    volatile bool was_blocked; /* ended as `blocked` */
    bool joined;
};

static struct helper *helpers;
static unsigned helper_count;

static DWORD WINAPI run(void *argument)
{
    struct helper *helper = argument;
    jmp_buf place;

    guard_thread();
    trace_name_thread(helper->name);
    if (!setjmp(place)) {
        blocked_goes_to(&place);
        helper->work(helper->context);
    } else {
        helper->was_blocked = true;
    }
    thread_id_release();
    guard_thread_ends();
    return 0;
}

struct helper *
start_helper(struct spi_test *t, void (*work)(void *context), void *context)
{
    struct helper *helper = arena_memory(sizeof *helper);
    struct text name = TEXT_IN(helper->name);

    (void)t;
    text_add(&name, "[helper %u] ", ++helper_count);
    helper->work = work;
    helper->context = context;
    helper->thread = CreateThread(NULL, 0, run, helper, 0, &helper->id);
    if (!helper->thread)
        blocked("no thread could be made");
    helper->next = helpers;
    helpers = helper;
    return helper;
}

bool helper_ends(struct spi_test *t, struct helper *helper, unsigned ms)
{
    (void)t;
    helper->joined =
        helper->joined || WaitForSingleObject(helper->thread, ms) == WAIT_OBJECT_0;
    if (helper->joined && helper->was_blocked)
        blocked("a helper thread could not do its part");
    return helper->joined;
}

static ULONGLONG processor_time(HANDLE thread)
{
    FILETIME created, ended, kernel, user;

    if (!GetThreadTimes(thread, &created, &ended, &kernel, &user))
        return 0;
    return ((ULONGLONG)kernel.dwHighDateTime << 32 | kernel.dwLowDateTime) +
           ((ULONGLONG)user.dwHighDateTime << 32 | user.dwLowDateTime);
}

/* No system tells from outside that a thread waits. So: the thread has entered a call,
 * and several looks, a millisecond apart, find it in the same call without processor
 * time used in between. What follows must hold even if it were not blocked yet. */
void await_blocked(struct spi_test *t, struct helper *helper)
{
    LARGE_INTEGER start = clock_now();
    unsigned long serial = 0;
    ULONGLONG used = 0;
    unsigned looks = 0;

    (void)t;
    while (looks < BLOCKED_LOOKS) {
        unsigned long serial_now = call_serial(helper->id);
        ULONGLONG used_now = processor_time(helper->thread);

        looks = serial_now && serial_now == serial && used_now == used ? looks + 1 : 0;
        serial = serial_now;
        used = used_now;
        if (WaitForSingleObject(helper->thread, 1) == WAIT_OBJECT_0)
            return;
        if (clock_since(start) > DEFAULT_WAIT_MS)
            blocked("the helper thread has not blocked in a call within %d s",
                    DEFAULT_WAIT_MS / 1000);
    }
}

void helpers_check(void)
{
    for (const struct helper *helper = helpers; helper; helper = helper->next) {
        char where[256] = "";
        struct text text = TEXT_IN(where);

        if (helper->joined ||
            WaitForSingleObject(helper->thread, GRACE_MS) == WAIT_OBJECT_0)
            continue;
        if (!call_in_progress(helper->id, &text))
            text_add(&text, "no call");
        record_finding("all helper threads ended",
                       "a helper thread had not ended when the case had: it was in %s",
                       where);
    }
}

bool helpers_join(void)
{
    for (; helpers; helpers = helpers->next) {
        if (WaitForSingleObject(helpers->thread, DEFAULT_WAIT_MS) != WAIT_OBJECT_0)
            return false;
        CloseHandle(helpers->thread);
    }
    helper_count = 0;
    return true;
}
