/* WSPRecvDisconnect: the oldest Windows that offers it, for providers that claim it. */
#include "windows_2000.h"

#include "spi_case.h"

static HMODULE provider_image(struct spi_test *t)
{
    HMODULE image = image_of((const void *)t->table->lpWSPRecvDisconnect);

    if (!image)
        BLOCKED("the function is in no image, so there are no headers to look at");
    return image;
}

/* RD-31: the DLL says of itself that it runs on Windows 2000; with 64 bits, on the
 * first Windows for such processors. */
SPI_CASE(subsystem_version,
         .id = "recv_disconnect.platform.subsystem_version",
         .checks = "RD-31",
         .applies = {.windows_2000 = true})
{
    WORD version = image_oldest_windows(provider_image(t));
    WORD oldest = sizeof(void *) == 4 ? MAKEWORD(5, 0) : MAKEWORD(5, 2);

    EXPECT_THAT(
        LOBYTE(version) < LOBYTE(oldest) ||
            (LOBYTE(version) == LOBYTE(oldest) && HIBYTE(version) <= HIBYTE(oldest)),
        ("subsystem version %d.%d or below", LOBYTE(oldest), HIBYTE(oldest)),
        ("%d.%d", LOBYTE(version), HIBYTE(version)));
}

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

/* RD-31: it imports nothing that Windows 2000 lacks. */
SPI_CASE(imports,
         .id = "recv_disconnect.platform.imports",
         .checks = "RD-31",
         .applies = {.windows_2000 = true})
{
    HMODULE image = provider_image(t);
    struct import import, unknown = {0};
    const char *newer = "";

    for (size_t i = 0; image_import(image, i, &import); i++) {
        if (import.name &&
            is_among(import.name, windows_2000_lacks, ARRAYSIZE(windows_2000_lacks)))
            newer = spi_text("%s %s", newer, import.name);
        else if (!import.name ||
                 !is_among(import.name, windows_2000_has, ARRAYSIZE(windows_2000_has)))
            unknown = import;
    }
    EXPECT_THAT(!*newer, ("only imports that Windows 2000 offers"), ("also%s", newer));
    if (unknown.library && spi_clean(t))
        BLOCKED("the suite does not know whether Windows 2000 offers %s of %s",
                unknown.name ? unknown.name : "what is imported by number",
                unknown.library);
}

SPI_SUITE(recv_disconnect_platform, &subsystem_version, &imports);
