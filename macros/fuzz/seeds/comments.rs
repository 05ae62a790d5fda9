/* one /* two { */ " ' still one */
/** of `f` */
/// don't
async fn f(/* a: /* b */ ( */) {
    /**/ g(//)
    ) /*/ ) */
}
//! { not closed
/***/ fn g() {} //
