# The project's own code: every warning is an error. -Wunused-const-variable is what
# turns a case that is on no list into a compile error.
add_library(wspcheck_warnings INTERFACE)
target_compile_options(
    wspcheck_warnings
    INTERFACE -Wall -Wextra -Werror -Wunused-const-variable -Wvla
              -Wstrict-prototypes)
