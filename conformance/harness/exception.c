#include "exception.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Raised by Wine where it lacks a function: names of DLL and function are its
 * arguments. */
#define WINE_STUB 0x80000100

/* Of NtQueryVirtualMemory: the file that is mapped at an address. */
#define MAPPED_FILE_NAME 2

static FARPROC query_memory;
static struct {
    USHORT length; /* bytes */
    USHORT capacity;
    const wchar_t *text;
    wchar_t memory[1024];
} mapped;

void crash_prepare(void)
{
    query_memory =
        GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "NtQueryVirtualMemory");
}

/* Not by the loader: the thread that crashed, or another, may hold its lock. */
static bool find_mapped(const void *address)
{
    typedef LONG(NTAPI * query)(HANDLE, const void *, int, void *, SIZE_T, SIZE_T *);
    query ask;
    SIZE_T size;

    memcpy(&ask, &query_memory, sizeof ask);
    return ask && !ask(GetCurrentProcess(),
                       address,
                       MAPPED_FILE_NAME,
                       &mapped,
                       sizeof mapped,
                       &size);
}

void crash_find_module(struct crash *crash)
{
    MEMORY_BASIC_INFORMATION region;
    const wchar_t *name, *end;
    size_t size = 0;

    if (!VirtualQuery(crash->address, &region, sizeof region) ||
        region.Type != MEM_IMAGE || !find_mapped(crash->address))
        return;
    end = mapped.text + mapped.length / sizeof *mapped.text;
    for (name = end; name > mapped.text && name[-1] != L'\\' && name[-1] != L'/';)
        --name;
    /* printf takes memory of the heap for wide characters, and it may be damaged. */
    for (; name < end && size + 1 < sizeof crash->module; ++name)
        crash->module[size++] = *name < 0x7F ? (char)*name : '?';
    crash->module[size] = '\0';
    crash->offset = (size_t)crash->address - (size_t)region.AllocationBase;
}

void crash_read(struct crash *crash, const EXCEPTION_POINTERS *pointers)
{
    const EXCEPTION_RECORD *record = pointers->ExceptionRecord;

    crash->thread = GetCurrentThreadId();
    crash->code = record->ExceptionCode;
    crash->address = record->ExceptionAddress;
    crash->information_count = record->NumberParameters;
    for (DWORD i = 0; i < record->NumberParameters && i < 2; ++i)
        crash->information[i] = record->ExceptionInformation[i];
    if (crash->code == WINE_STUB && record->NumberParameters >= 2) {
        const char *dll = (const char *)crash->information[0];
        const char *function = (const char *)crash->information[1];

        if ((size_t)function > 0xFFFF)
            snprintf(crash->stub, sizeof crash->stub, "%s.%s", dll, function);
        else
            snprintf(crash->stub, sizeof crash->stub, "a function of %s", dll);
    }
}

static const char *code_name(DWORD code)
{
    static const struct {
        DWORD code;
        const char *name;
    } names[] = {
        {EXCEPTION_ACCESS_VIOLATION, "access violation"},
        {EXCEPTION_STACK_OVERFLOW, "stack overflow"},
        {EXCEPTION_ILLEGAL_INSTRUCTION, "illegal instruction"},
        {EXCEPTION_PRIV_INSTRUCTION, "privileged instruction"},
        {EXCEPTION_INT_DIVIDE_BY_ZERO, "division by zero"},
        {EXCEPTION_BREAKPOINT, "breakpoint"},
        {EXCEPTION_IN_PAGE_ERROR, "in-page error"},
        {EXCEPTION_GUARD_PAGE, "guard page"},
        {EXCEPTION_DATATYPE_MISALIGNMENT, "misaligned access"},
        {EXCEPTION_INVALID_HANDLE, "invalid handle"},
        {0xC0000374, "heap corruption"},
        {0xC0000409, "stack buffer overrun"},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i)
        if (names[i].code == code)
            return names[i].name;
    return "exception";
}

static const char *access_name(ULONG_PTR kind)
{
    if (!kind)
        return "reading";
    return kind == 1 ? "writing to" : "executing";
}

void crash_describe(const struct crash *crash, struct text *out)
{
    text_add(out, "%s (0x%08lX)", code_name(crash->code), crash->code);
    if (*crash->stub) {
        text_add(out, ": %s is a stub in this Wine", crash->stub);
        return;
    }
    if (crash->code == EXCEPTION_ACCESS_VIOLATION && crash->information_count >= 2)
        text_add(out,
                 " %s address 0x%zx",
                 access_name(crash->information[0]),
                 (size_t)crash->information[1]);
    if (*crash->module)
        text_add(out, " at %s+0x%zx", crash->module, crash->offset);
    else
        text_add(out, " at 0x%zx, outside of all modules", (size_t)crash->address);
}
