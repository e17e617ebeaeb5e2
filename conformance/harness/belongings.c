#include "belongings.h"

#include "guard.h"
#include "fault_probe.h"
#include "record.h"
#include "trace.h"

#include <string.h>

#define HANDLES 8
#define BLOCKS 8
#define BLOCK_SIZE 1000
#define BLOCK_BYTE 0xB5

/* Characters of all environment variables together; of more only so many are seen. */
#define ENVIRONMENT_SIZE 32768

static struct {
    HANDLE handle;
    const char *what;
} handles[HANDLES];
static unsigned handle_count;
static unsigned char *blocks[BLOCKS];

static wchar_t directory[MAX_PATH];
static wchar_t variables[ENVIRONMENT_SIZE];
static UINT error_mode;

void belongings_add_handle(HANDLE handle, const char *what)
{
    if (handle_count == HANDLES)
        return;
    handles[handle_count].handle = handle;
    handles[handle_count++].what = what;
}

void belongings_watch(void)
{
    belongings_add_handle(CreateEventW(NULL, TRUE, FALSE, NULL), "an event");
    for (int i = 0; i < BLOCKS; ++i) {
        blocks[i] = HeapAlloc(GetProcessHeap(), 0, BLOCK_SIZE);
        if (blocks[i])
            memset(blocks[i], BLOCK_BYTE, BLOCK_SIZE);
    }
}

/* Variables, each with its NUL, up to an empty one. */
static size_t copy_environment(wchar_t *to)
{
    wchar_t *all = GetEnvironmentStringsW();
    size_t size = 0;

    if (!all)
        return 0;
    while (all[size] && size + wcslen(all + size) + 2 < ENVIRONMENT_SIZE)
        size += wcslen(all + size) + 1;
    memcpy(to, all, size * sizeof *to);
    to[size] = L'\0';
    FreeEnvironmentStringsW(all);
    return size + 1;
}

void belongings_note_settings(void)
{
    GetCurrentDirectoryW(MAX_PATH, directory);
    copy_environment(variables);
    error_mode = GetErrorMode();
}

static const char *closed_handle(HANDLE *which)
{
    DWORD flags;

    for (unsigned i = 0; i < handle_count; ++i)
        if (!GetHandleInformation(handles[i].handle, &flags)) {
            *which = handles[i].handle;
            return handles[i].what;
        }
    return NULL;
}

static const void *overwritten_block(void)
{
    for (int i = 0; i < BLOCKS; ++i)
        for (int at = 0; blocks[i] && at < BLOCK_SIZE; ++at)
            if (blocks[i][at] != BLOCK_BYTE)
                return blocks[i];
    return NULL;
}

static const void *freed_block(void)
{
    for (int i = 0; i < BLOCKS; ++i)
        if (blocks[i] && !HeapValidate(GetProcessHeap(), 0, blocks[i]))
            return blocks[i];
    return NULL;
}

static bool check_handles(void)
{
    HANDLE which;
    const char *what = closed_handle(&which);

    if (what)
        record_finding("only handles of its own closed",
                       "the provider has closed a handle that belongs to its host: "
                       "0x%zx, %s of the suite",
                       (size_t)which,
                       what);
    return !what;
}

static bool check_heap(void)
{
    const void *block = overwritten_block();
    const char *damage = block ? "written to" : "freed";

    if (!block)
        block = freed_block();
    if (block)
        record_finding("memory of the host left alone",
                       "the provider has %s a block of the heap that belongs to its "
                       "host: %d bytes at 0x%zx",
                       damage,
                       BLOCK_SIZE,
                       (size_t)block);
    else if (!HeapValidate(GetProcessHeap(), 0, NULL))
        record_finding("a heap that is whole",
                       "the provider has damaged the heap of the process: what lies "
                       "between its blocks was written to");
    else
        return true;
    return false;
}

static bool check_storage(void)
{
    if (trace_is_whole())
        return true;
    record_finding(
        "only thread-local storage of its own freed",
        "the provider has freed a slot of thread-local storage (TlsFree) that "
        "belongs to its host");
    return false;
}

static bool check_guard(void)
{
    bool whole = true;

    if (guard_was_suspended()) {
        record_finding("only threads of its own suspended",
                       "the provider has suspended a thread that belongs to its host: "
                       "the watchdog of the suite");
        whole = false;
    }
    if (!fault_probe_is_seen()) {
        record_finding(
            "only exceptions of its own handled",
            "the provider handles exceptions that are not its own: a vectored "
            "exception handler took an access violation of its host");
        whole = false;
    }
    return whole;
}

static void check_environment(void)
{
    static wchar_t now[ENVIRONMENT_SIZE];
    size_t size = copy_environment(now);
    size_t at = 0;

    if (!size || !memcmp(now, variables, size * sizeof *now))
        return;
    while (at + 1 < size && now[at] == variables[at])
        ++at;
    while (at && now[at - 1])
        --at;
    trace_line("the provider has changed the environment of the process, near %.40ls",
               now + at);
    memcpy(variables, now, size * sizeof *now);
}

static void check_settings(void)
{
    wchar_t now[MAX_PATH] = L"";

    GetCurrentDirectoryW(MAX_PATH, now);
    if (wcscmp(now, directory)) {
        trace_line("the provider has changed the current directory, to %ls; set back",
                   now);
        SetCurrentDirectoryW(directory);
    }
    if (GetErrorMode() != error_mode) {
        trace_line(
            "the provider has changed the error mode of the process, to 0x%x; set "
            "back",
            GetErrorMode());
        SetErrorMode(error_mode);
    }
    if (guard_takes_over())
        trace_line("the provider has replaced the filter of unhandled exceptions; set "
                   "back");
    check_environment();
}

static void check_messages(void)
{
    MSG message;

    while (PeekMessageW(&message, NULL, WM_QUIT, WM_QUIT, PM_REMOVE))
        trace_line("the provider has posted WM_QUIT to a thread of its host; removed");
}

bool belongings_check(void)
{
    bool whole = check_handles();

    whole = check_heap() && whole;
    whole = check_storage() && whole;
    whole = check_guard() && whole;
    check_settings();
    check_messages();
    return whole;
}

void belongings_describe(struct text *out)
{
    HANDLE which;
    const void *block = overwritten_block();
    const char *what = closed_handle(&which);

    if (block)
        text_add(out,
                 "; a block of the heap that belongs to the suite was freed or written "
                 "to (0x%zx)",
                 (size_t)block);
    if (what)
        text_add(out,
                 "; a handle that belongs to the suite was closed (0x%zx, %s)",
                 (size_t)which,
                 what);
}
