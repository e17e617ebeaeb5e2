#include "trace.h"

#include "clock.h"
#include "lock.h"

#include <stdio.h>
#include <string.h>

static SRWLOCK lock = SRWLOCK_INIT;
static char lines[TRACE_LINES][TRACE_LINE_SIZE];
static unsigned long line_count; /* of this case, kept or not */
static struct call *in_progress;

static DWORD innermost_slot = TLS_OUT_OF_INDEXES;
static DWORD name_slot = TLS_OUT_OF_INDEXES;

/* Threads without a name are not ours. */
static void begin_line(struct text *line, unsigned depth)
{
    const char *name = TlsGetValue(name_slot);

    if (name)
        text_add(line, "%s%*s", name, (int)depth * 2, "");
    else
        text_add(line, "[provider's thread 0x%lx] ", GetCurrentThreadId());
}

/* The slot of a line to be written; the lock is held. */
static struct text line_at(unsigned long line)
{
    struct text text = TEXT_IN(lines[line % TRACE_LINES]);

    return text;
}

void call_begin(struct call *call, const char *function, const char *arguments, ...)
{
    struct text line;
    va_list list;

    call->function = function;
    va_start(list, arguments);
    vsnprintf(call->arguments, sizeof call->arguments, arguments, list);
    va_end(list);
    call->thread = GetCurrentThreadId();
    call->outer = TlsGetValue(innermost_slot);
    call->depth = call->outer ? call->outer->depth + 1 : 0;
    AcquireSRWLockExclusive(&lock);
    call->line = line_count++;
    line = line_at(call->line);
    begin_line(&line, call->depth);
    text_add(&line, "%s(%s) has not returned", function, call->arguments);
    call->next = in_progress;
    call->anchor = &in_progress;
    if (call->next)
        call->next->anchor = &call->next;
    in_progress = call;
    ReleaseSRWLockExclusive(&lock);
    TlsSetValue(innermost_slot, call);
    call->start = clock_now();
}

double call_end(struct call *call, const char *result, ...)
{
    double ms = clock_since(call->start);
    char text[TRACE_LINE_SIZE / 2];
    va_list list;

    va_start(list, result);
    vsnprintf(text, sizeof text, result, list);
    va_end(list);
    TlsSetValue(innermost_slot, call->outer);
    AcquireSRWLockExclusive(&lock);
    *call->anchor = call->next;
    if (call->next)
        call->next->anchor = call->anchor;
    /* Its line may have been overwritten, or be one of a case long gone. */
    if (call->line < line_count && line_count - call->line <= TRACE_LINES) {
        struct text line = line_at(call->line);

        begin_line(&line, call->depth);
        text_add(&line, "%s(%s) -> ", call->function, call->arguments);
        text_add(&line, "%s, %.2f ms", text, ms);
    }
    ReleaseSRWLockExclusive(&lock);
    return ms;
}

void trace_line(const char *format, ...)
{
    const struct call *outer = TlsGetValue(innermost_slot);
    unsigned depth = outer ? outer->depth + 1 : 0;
    struct text line;
    va_list list;

    AcquireSRWLockExclusive(&lock);
    line = line_at(line_count++);
    begin_line(&line, depth);
    va_start(list, format);
    text_add_list(&line, format, list);
    va_end(list);
    ReleaseSRWLockExclusive(&lock);
}

void trace_reset(void)
{
    if (innermost_slot == TLS_OUT_OF_INDEXES) {
        innermost_slot = TlsAlloc();
        name_slot = TlsAlloc();
        trace_name_thread("");
    }
    TlsSetValue(innermost_slot, NULL);
    AcquireSRWLockExclusive(&lock);
    line_count = 0;
    in_progress = NULL;
    ReleaseSRWLockExclusive(&lock);
}

void trace_unwind(void)
{
    AcquireSRWLockExclusive(&lock);
    for (struct call *call = TlsGetValue(innermost_slot); call; call = call->outer) {
        *call->anchor = call->next;
        if (call->next)
            call->next->anchor = call->anchor;
    }
    ReleaseSRWLockExclusive(&lock);
    TlsSetValue(innermost_slot, NULL);
}

void trace_name_thread(const char *name)
{
    TlsSetValue(name_slot, (void *)(uintptr_t)name);
}

void trace_each(void (*take)(void *context, const char *line), void *context)
{
    unsigned long first = 0;
    bool held = lock_acquire(&lock);

    if (line_count > TRACE_LINES) {
        char missing[64];

        first = line_count - TRACE_LINES;
        snprintf(missing, sizeof missing, "(%lu earlier lines are not kept)", first);
        take(context, missing);
    }
    for (unsigned long line = first; line < line_count; ++line)
        take(context, lines[line % TRACE_LINES]);
    lock_release(&lock, held);
}

static void describe(const struct call *call, struct text *out)
{
    text_add(out,
             "%s(%s), entered %lu ms ago",
             call->function,
             call->arguments,
             (unsigned long)clock_since(call->start));
}

bool call_in_progress(DWORD thread, struct text *out)
{
    const struct call *call;
    bool held = lock_acquire(&lock);

    /* Inner calls are in front of outer ones. */
    for (call = in_progress; call && call->thread != thread;)
        call = call->next;
    if (call)
        describe(call, out);
    lock_release(&lock, held);
    return call != NULL;
}

bool calls_in_progress(struct text *out)
{
    bool any = false;
    bool held = lock_acquire(&lock);

    for (const struct call *call = in_progress; call; call = call->next) {
        if (any)
            text_add(out, "; ");
        describe(call, out);
        any = true;
    }
    lock_release(&lock, held);
    return any;
}

unsigned long call_serial(DWORD thread)
{
    const struct call *call;
    unsigned long serial = 0;

    AcquireSRWLockShared(&lock);
    for (call = in_progress; call && call->thread != thread;)
        call = call->next;
    if (call)
        serial = call->line + 1;
    ReleaseSRWLockShared(&lock);
    return serial;
}

bool trace_is_whole(void)
{
    return TlsGetValue(name_slot) != NULL;
}
