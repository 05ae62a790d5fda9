use super::queries::{Params, TypedParams};
use super::types::{BorrowToSql, Type};
use super::{
    Client, CopyInWriter, CopyOutReader, Result, Row, RowIter, SimpleQueryMessage, Statement,
    ToStatement, Transaction,
};

macro_rules! generic_client {
    ($(fn $name:ident$(<$($param:ident: [$($bound:tt)*]),*>)?($($arg:ident: $ty:ty),*) -> $output:ty;)*) => {
        /// A client or a transaction.
        pub trait GenericClient: private::Sealed {
            $(fn $name$(<$($param: $($bound)*),*>)?(&mut self, $($arg: $ty),*) -> Result<$output>;)*
        }

        generic_client!(impl Client, $(fn $name[$($($param: [$($bound)*]),*)?]($($arg: $ty),*) -> $output;)*);
        generic_client!(impl Transaction<'_>, $(fn $name[$($($param: [$($bound)*]),*)?]($($arg: $ty),*) -> $output;)*);
    };
    (impl $type:ty, $(fn $name:ident[$($param:ident: [$($bound:tt)*]),*]($($arg:ident: $ty:ty),*) -> $output:ty;)*) => {
        impl private::Sealed for $type {}
        impl GenericClient for $type {
            $(
                #[track_caller]
                fn $name<$($param: $($bound)*),*>(&mut self, $($arg: $ty),*) -> Result<$output> {
                    // The inherent method, not the one of this trait.
                    <$type>::$name(self, $($arg),*)
                }
            )*
        }
    };
}

generic_client! {
    fn prepare(query: &str) -> Statement;
    fn prepare_typed(query: &str, types: &[Type]) -> Statement;
    fn execute<Q: [ToStatement + ?Sized]>(query: &Q, params: Params<'_>) -> u64;
    fn query<Q: [ToStatement + ?Sized]>(query: &Q, params: Params<'_>) -> Vec<Row>;
    fn query_one<Q: [ToStatement + ?Sized]>(query: &Q, params: Params<'_>) -> Row;
    fn query_opt<Q: [ToStatement + ?Sized]>(query: &Q, params: Params<'_>) -> Option<Row>;
    fn query_raw<Q: [ToStatement + ?Sized], P: [BorrowToSql], I: [IntoIterator<Item = P, IntoIter: ExactSizeIterator>]>(
        query: &Q, params: I
    ) -> RowIter<'_>;
    fn execute_typed(query: &str, params: TypedParams<'_>) -> u64;
    fn query_typed(query: &str, params: TypedParams<'_>) -> Vec<Row>;
    fn query_typed_one(query: &str, params: TypedParams<'_>) -> Row;
    fn query_typed_opt(query: &str, params: TypedParams<'_>) -> Option<Row>;
    fn query_typed_raw<P: [BorrowToSql], I: [IntoIterator<Item = (P, Type)>]>(query: &str, params: I) -> RowIter<'_>;
    fn simple_query(query: &str) -> Vec<SimpleQueryMessage>;
    fn batch_execute(query: &str) -> ();
    fn copy_in<Q: [ToStatement + ?Sized]>(query: &Q) -> CopyInWriter<'_>;
    fn copy_out<Q: [ToStatement + ?Sized]>(query: &Q) -> CopyOutReader<'_>;
    fn transaction() -> Transaction<'_>;
}

mod private {
    pub trait Sealed {}
}
