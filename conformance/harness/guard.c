#include "guard.h"

#include "clock.h"
#include "exception.h"
#include "provider.h"
#include "record.h"
#include "report.h"
#include "trace.h"

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
    if (!guarded.open || !guarded.row) {
        report_fatal(message);
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
    report_end(guarded.entry, guarded.row, &record, clock_since(guarded.start));
    report_cut_short();
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
    if (provider_phase()) {
        text_add(out, ", %s", provider_phase());
        return;
    }
    text_add(out, ", in ");
    if (!call_in_progress(thread, out))
        text_add(out, "no SPI call of the suite (thread 0x%lx)", thread);
}

static void __attribute__((noreturn)) end_crashed(void)
{
    static char what[2048];
    struct text out = TEXT_IN(what);

    await_open();
    AcquireSRWLockShared(&lock);
    if (crash.code == EXCEPTION_STACK_OVERFLOW)
        crash_find_module(&crash);
    crash_describe(&crash, &out);
    add_place(crash.thread, &out);
    end_with(VERDICT_CRASH, what);
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
    end_with(VERDICT_TIMEOUT, what);
}

static DWORD WINAPI watch(void *unused)
{
    (void)unused;
    for (;;) {
        bool late;

        if (WaitForSingleObject(crashed, WATCH_MS) == WAIT_OBJECT_0)
            end_crashed();
        AcquireSRWLockShared(&lock);
        late = guarded.open && clock_since(guarded.start) > guarded.limit_ms;
        if (late)
            end_late();
        ReleaseSRWLockShared(&lock);
    }
    return 0;
}

/* An exception that nobody handled. The watchdog reports it, on a stack that is whole;
 * the thread that raised it goes no further. */
static LONG WINAPI on_unhandled(EXCEPTION_POINTERS *pointers)
{
    if (InterlockedIncrement(&crash_count) == 1) {
        crash_read(&crash, pointers);
        crash_find_module(&crash);
        SetEvent(crashed);
    }
    Sleep(INFINITE);
    return EXCEPTION_EXECUTE_HANDLER;
}

/* A stack overflow leaves no room for looking who handles it: Wine 8.0 keeps two pages,
 * whatever SetThreadStackGuarantee was told, and ends the thread when they are used up.
 * So nobody else is asked. */
static LONG CALLBACK on_overflow(EXCEPTION_POINTERS *pointers)
{
    if (pointers->ExceptionRecord->ExceptionCode != EXCEPTION_STACK_OVERFLOW)
        return EXCEPTION_CONTINUE_SEARCH;
    if (InterlockedIncrement(&crash_count) == 1) {
        crash_read(&crash, pointers);
        SetEvent(crashed);
    }
    Sleep(INFINITE);
    return EXCEPTION_CONTINUE_SEARCH;
}

/* A thread of the suite ends, or the process by ExitProcess, and it was not our doing.
 * Storage of fibers is the one place where a program is told, in Wine too. */
static void NTAPI on_exit_thread(PVOID unused)
{
    typedef BOOLEAN(NTAPI * shutting_down)(void);
    static char what[1024];
    struct text out = TEXT_IN(what);
    shutting_down ask = (shutting_down)(void *)GetProcAddress(
        GetModuleHandleW(L"ntdll.dll"), "RtlDllShutdownInProgress");

    (void)unused;
    if (ending)
        return;
    text_add(&out,
             ask && ask() ? "the process was ended by ExitProcess"
                          : "a thread of the suite was ended by ExitThread");
    add_place(GetCurrentThreadId(), &out);
    end_with(VERDICT_CRASH, what);
}

void guard_start(void)
{
    HANDLE thread;

    exit_slot = FlsAlloc(on_exit_thread);
    crashed = CreateEventW(NULL, TRUE, FALSE, NULL);
    SetHandleInformation(
        crashed, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE);
    SetUnhandledExceptionFilter(on_unhandled);
    AddVectoredExceptionHandler(1, on_overflow);
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX |
                 SEM_NOOPENFILEERRORBOX);
    thread = CreateThread(NULL, 0, watch, NULL, 0, NULL);
    SetThreadPriority(thread, THREAD_PRIORITY_HIGHEST);
    CloseHandle(thread);
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
