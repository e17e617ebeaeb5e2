#include "kernel_object.h"

#include "arena.h"
#include "clock.h"
#include "running.h"
#include "trace.h"

#define EVENTS 256
#define WINDOWS 16

static HANDLE events[EVENTS];
static volatile LONG event_count;
static HWND windows[WINDOWS];
static unsigned window_count;

WSAEVENT new_event(struct spi_test *t)
{
    LONG index = InterlockedIncrement(&event_count) - 1;

    (void)t;
    if (index >= EVENTS)
        blocked("more than %d events", EVENTS);
    events[index] = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (!events[index])
        blocked("no event could be made");
    return events[index];
}

WSAOVERLAPPED *new_overlapped(struct spi_test *t, bool event)
{
    WSAOVERLAPPED *overlapped = arena_memory(sizeof *overlapped);

    if (event)
        overlapped->hEvent = new_event(t);
    return overlapped;
}

/* How long a first window is tried for, in milliseconds. */
#define PREPARATION_MS 5000

static const wchar_t *window_class(void)
{
    static const wchar_t name[] = L"wspcheck";
    static bool registered;
    WNDCLASSW description = {.lpfnWndProc = DefWindowProcW, .lpszClassName = name};

    description.hInstance = GetModuleHandleW(NULL);
    registered = registered || RegisterClassW(&description);
    return name;
}

static HWND make_window(void)
{
    return CreateWindowExW(0,
                           window_class(),
                           NULL,
                           0,
                           0,
                           0,
                           0,
                           0,
                           HWND_MESSAGE,
                           NULL,
                           GetModuleHandleW(NULL),
                           NULL);
}

static DWORD WINAPI try_window(void *unused)
{
    HWND window = make_window();

    (void)unused;
    return window && DestroyWindow(window);
}

/* Each time in a new thread: one that came too early, when the desktop was there and
 * the parent of message-only windows was not, never looks again. */
void windows_prepare(void)
{
    LARGE_INTEGER start = clock_now();
    DWORD made = FALSE;

    while (!made && clock_since(start) < PREPARATION_MS) {
        HANDLE thread = CreateThread(NULL, 0, try_window, NULL, 0, NULL);

        if (!thread)
            return;
        WaitForSingleObject(thread, INFINITE);
        GetExitCodeThread(thread, &made);
        CloseHandle(thread);
    }
}

HWND new_window(struct spi_test *t)
{
    HWND window;

    (void)t;
    if (window_count >= WINDOWS)
        blocked("more than %d windows", WINDOWS);
    window = make_window();
    if (!window)
        blocked("no window could be made (Windows error %lu)", GetLastError());
    windows[window_count++] = window;
    return window;
}

bool await_message(struct spi_test *t,
                   HWND window,
                   unsigned message,
                   unsigned ms,
                   WPARAM *wparam,
                   LPARAM *lparam)
{
    LARGE_INTEGER start = clock_now();
    double passed;
    MSG got;

    (void)t;
    /* WM_QUIT comes through every filter. */
    while (!PeekMessageW(&got, window, message, message, PM_REMOVE) ||
           got.message != message) {
        passed = clock_since(start);
        if (passed >= ms)
            return false;
        MsgWaitForMultipleObjects(
            0, NULL, FALSE, (DWORD)(ms - passed) + 1, QS_ALLPOSTMESSAGE);
    }
    trace_line("message %u: socket 0x%zx, event 0x%x, error %u",
               message,
               (size_t)got.wParam,
               (unsigned)WSAGETSELECTEVENT(got.lParam),
               (unsigned)WSAGETSELECTERROR(got.lParam));
    if (wparam)
        *wparam = got.wParam;
    if (lparam)
        *lparam = got.lParam;
    return true;
}

void kernel_objects_release(bool pending)
{
    LONG count = event_count < EVENTS ? event_count : EVENTS;

    for (LONG i = 0; i < count && !pending; ++i)
        CloseHandle(events[i]);
    event_count = 0;
    while (window_count)
        DestroyWindow(windows[--window_count]);
}
