#include "guard.h"

#include "belongings.h"
#include "clock.h"
#include "exception.h"
#include "fault_probe.h"
#include "provider.h"
#include "record.h"
#include "report.h"
#include "trace.h"

#include <errno.h>
#include <psapi.h>
#include <string.h>

/* How often the watchdog looks at the clock, in milliseconds. */
#define WATCH_MS 50

/* How long the next case may take to be opened, in milliseconds. */
#define NEXT_CASE_MS 1000

/* Stack that is left for the report of a stack overflow, in bytes. */
#define STACK_RESERVE 65536

static struct {
    const struct entry *entry;
    const struct case_row *row;
    LARGE_INTEGER start;
    unsigned limit_ms;
    volatile bool open;
} guarded;

static SRWLOCK lock = SRWLOCK_INIT;
static HANDLE crashed; /* event: `crash` is complete */
static volatile LONG crash_count;
static volatile bool ending;
static DWORD exit_slot;
static struct crash crash;
static HANDLE watchdog, case_thread;
static size_t memory_limit;
static volatile bool filter_replaced;

/* Looked up at the start: later the heap or the loader may not work. */
static FARPROC query_thread, shutting_down;

/* The last fault of the open case, which somebody may have handled. */
static struct crash latest;

static struct {
    const char *from;
    size_t size;
    struct crash fault; /* code 0: none */
} noted;

void guard_end_process(unsigned code)
{
    ending = true;
    TerminateProcess(GetCurrentProcess(), code);
    for (;;)
        Sleep(INFINITE);
}

/* The end of the open case or, between cases, of the run. No memory is allocated: the
 * heap may be what was broken. */
static void __attribute__((noreturn)) end_with(enum verdict verdict, const char *what)
{
    static char message[4096];
    struct text out = TEXT_IN(message);
    struct record record = record_get();

    text_add(&out, "%s", what);
    belongings_describe(&out);
    if (!guarded.open || !guarded.row) {
        report_fatal(message, true);
        guard_end_process(EXIT_FATAL);
    }
    if (*record.message)
        text_add(&out, "; before that: %s", record.message);
    record.verdict = verdict;
    record.expected = "";
    record.observed = what;
    record.message = message;
    record.file = guarded.row->source->file;
    record.line = guarded.row->source->line;
    report_end(guarded.entry, guarded.row, &record, clock_since(guarded.start), true);
    guard_end_process(EXIT_ENDED_BY_CASE);
}

/* A thread of the provider's own may crash between two cases: the next one is charged,
 * since the one before has its verdict already. */
static void await_open(void)
{
    for (int ms = 0; ms < NEXT_CASE_MS && !guarded.open && !provider_phase(); ++ms)
        Sleep(1);
}

/* What this thread was doing when it went wrong. */
static void add_place(DWORD thread, struct text *out)
{
    static char calls[1024];
    struct text meanwhile = TEXT_IN(calls);

    if (provider_phase()) {
        text_add(out, ", %s", provider_phase());
        return;
    }
    text_add(out, ", in ");
    if (call_in_progress(thread, out))
        return;
    text_add(out, "no SPI call of the suite (thread 0x%lx)", thread);
    if (calls_in_progress(&meanwhile))
        text_add(out, "; meanwhile in %s", calls);
}

static void __attribute__((noreturn)) end_crashed(void)
{
    static char what[2048];
    struct text out = TEXT_IN(what);

    await_open();
    AcquireSRWLockShared(&lock);
    crash_find_module(&crash);
    crash_describe(&crash, &out);
    add_place(crash.thread, &out);
    end_with(VERDICT_CRASH, what);
}

/* Of NtQueryInformationThread. */
#define SUSPEND_COUNT 35

static bool is_suspended(HANDLE thread)
{
    LONG(NTAPI * ask)(HANDLE, int, void *, ULONG, ULONG *);
    ULONG count = 0;

    memcpy(&ask, &query_thread, sizeof ask);
    return ask && !ask(thread, SUSPEND_COUNT, &count, sizeof count, NULL) && count;
}

bool guard_was_suspended(void)
{
    if (!is_suspended(watchdog))
        return false;
    while (is_suspended(watchdog))
        ResumeThread(watchdog);
    return true;
}

static void __attribute__((noreturn)) end_late(void)
{
    static char what[2048];
    struct text out = TEXT_IN(what);

    text_add(&out, "not finished within %u ms: ", guarded.limit_ms);
    if (!calls_in_progress(&out))
        text_add(&out,
                 "%s",
                 provider_phase() ? provider_phase() : "no SPI call was in progress");
    if (is_suspended(case_thread))
        text_add(&out, "; the suite's thread has been suspended");
    if (latest.code) {
        text_add(&out, "; the last exception: ");
        crash_find_module(&latest);
        crash_describe(&latest, &out);
    }
    end_with(VERDICT_TIMEOUT, what);
}

static void __attribute__((noreturn)) end_greedy(size_t taken)
{
    static char what[2048];
    struct text out = TEXT_IN(what);

    text_add(
        &out,
        "the process has taken %zu MiB of memory, more than the %zu MiB that it may, "
        "during ",
        taken >> 20,
        memory_limit >> 20);
    if (!calls_in_progress(&out))
        text_add(&out, "%s", provider_phase() ? provider_phase() : "no SPI call");
    end_with(VERDICT_CRASH, what);
}

/* The system is asked for what is in use, since Wine 8.0 enforces no limit of a job. */
static void check_memory(void)
{
    PROCESS_MEMORY_COUNTERS used;

    if (memory_limit && GetProcessMemoryInfo(GetCurrentProcess(), &used, sizeof used) &&
        used.WorkingSetSize > memory_limit)
        end_greedy(used.WorkingSetSize);
}

static DWORD WINAPI watch(void *unused)
{
    (void)unused;
    /* The runtime takes memory for a thread when that uses it first: now, not later. */
    errno = 0;
    for (;;) {
        bool late;

        if (WaitForSingleObject(crashed, WATCH_MS) == WAIT_OBJECT_0)
            end_crashed();
        AcquireSRWLockShared(&lock);
        late = guarded.open && clock_since(guarded.start) > guarded.limit_ms;
        if (late)
            end_late();
        ReleaseSRWLockShared(&lock);
        check_memory();
    }
    return 0;
}

/* An exception that nobody handled. The watchdog reports it, on a stack that is whole;
 * the thread that raised it goes no further. */
static LONG WINAPI on_unhandled(EXCEPTION_POINTERS *pointers)
{
    if (InterlockedIncrement(&crash_count) == 1) {
        crash_read(&crash, pointers);
        SetEvent(crashed);
    }
    Sleep(INFINITE);
    return EXCEPTION_EXECUTE_HANDLER;
}

/* Of everybody's exceptions, before anybody handles them. A stack overflow leaves no
 * room for looking who does: Wine 8.0 keeps two pages, whatever SetThreadStackGuarantee
 * was told, and ends the thread when they are used up. So nobody else is asked. */
static LONG CALLBACK on_exception(EXCEPTION_POINTERS *pointers)
{
    const EXCEPTION_RECORD *raised = pointers->ExceptionRecord;
    size_t offset = (size_t)raised->ExceptionAddress - (size_t)noted.from;

    if (fault_probe_takes(pointers))
        return EXCEPTION_CONTINUE_EXECUTION;
    if (raised->ExceptionCode == EXCEPTION_STACK_OVERFLOW) {
        if (InterlockedIncrement(&crash_count) == 1) {
            crash_read(&crash, pointers);
            SetEvent(crashed);
        }
        Sleep(INFINITE);
    }
    /* Should nobody handle it, we want to be told, and nobody in our place. */
    if (raised->ExceptionCode & 0x80000000) {
        filter_replaced = guard_takes_over() || filter_replaced;
        crash_read(&latest, pointers);
    }
    if (offset < noted.size && !noted.fault.code) {
        crash_read(&noted.fault, pointers);
        crash_find_module(&noted.fault);
    }
    return EXCEPTION_CONTINUE_SEARCH;
}

bool guard_takes_over(void)
{
    bool replaced = filter_replaced;

    filter_replaced = false;
    return SetUnhandledExceptionFilter(on_unhandled) != on_unhandled || replaced;
}

void guard_note_faults(const void *from, size_t size)
{
    memset(&noted.fault, 0, sizeof noted.fault);
    noted.from = from;
    noted.size = size;
}

bool guard_noted_fault(struct text *out)
{
    if (!noted.fault.code)
        return false;
    crash_describe(&noted.fault, out);
    return true;
}

/* A thread of the suite ends, or the process by ExitProcess, and it was not our doing.
 * Storage of fibers is the one place where a program is told, in Wine too. */
static void NTAPI on_exit_thread(PVOID unused)
{
    static char what[1024];
    struct text out = TEXT_IN(what);
    BOOLEAN(NTAPI * ask)(void);

    (void)unused;
    if (ending)
        return;
    memcpy(&ask, &shutting_down, sizeof ask);
    text_add(&out,
             ask && ask() ? "the process was ended by ExitProcess"
                          : "a thread of the suite was ended by ExitThread");
    add_place(GetCurrentThreadId(), &out);
    end_with(VERDICT_CRASH, what);
}

/* A handle of the guard's: providers that close what they do not know shall fail. */
static HANDLE kept(HANDLE handle, const char *what)
{
    SetHandleInformation(
        handle, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE);
    belongings_add_handle(handle, what);
    return handle;
}

static HANDLE own_thread(void)
{
    HANDLE self = GetCurrentProcess();
    HANDLE thread = NULL;

    DuplicateHandle(
        self, GetCurrentThread(), self, &thread, 0, FALSE, DUPLICATE_SAME_ACCESS);
    return thread;
}

void guard_start(size_t limit)
{
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");

    memory_limit = limit;
    crash_prepare();
    query_thread = GetProcAddress(ntdll, "NtQueryInformationThread");
    shutting_down = GetProcAddress(ntdll, "RtlDllShutdownInProgress");
    exit_slot = FlsAlloc(on_exit_thread);
    crashed = kept(CreateEventW(NULL, TRUE, FALSE, NULL), "the watchdog's event");
    case_thread = kept(own_thread(), "its thread");
    SetUnhandledExceptionFilter(on_unhandled);
    AddVectoredExceptionHandler(1, on_exception);
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX |
                 SEM_NOOPENFILEERRORBOX);
    watchdog = kept(CreateThread(NULL, 0, watch, NULL, 0, NULL), "the watchdog");
    SetThreadPriority(watchdog, THREAD_PRIORITY_HIGHEST);
    guard_thread();
}

void guard_open(const struct entry *entry,
                const struct case_row *row,
                unsigned limit_ms)
{
    AcquireSRWLockExclusive(&lock);
    guarded.entry = entry;
    guarded.row = row;
    guarded.limit_ms = limit_ms;
    guarded.start = clock_now();
    latest.code = 0;
    guarded.open = true;
    ReleaseSRWLockExclusive(&lock);
}

double guard_close(void)
{
    double ms;

    AcquireSRWLockExclusive(&lock);
    ms = clock_since(guarded.start);
    guarded.open = false;
    ReleaseSRWLockExclusive(&lock);
    return ms;
}

void guard_thread(void)
{
    ULONG reserve = STACK_RESERVE;

    SetThreadStackGuarantee(&reserve);
    FlsSetValue(exit_slot, &exit_slot);
}

void guard_thread_ends(void)
{
    FlsSetValue(exit_slot, NULL);
}
